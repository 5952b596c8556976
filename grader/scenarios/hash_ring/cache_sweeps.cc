#include "grader/scenarios/hash_ring/cache_sweeps.h"

#include <fmt/format.h>

#include <set>

#include "grader/scenarios/hash_ring/cache_crowd.h"
#include "grader/scenarios/hash_ring/cache_room.h"

namespace quorum::grader::cache {
namespace {

/// Notices what the sweeps exist for.
class Witness final : public sim::Monitor {
 public:
  explicit Witness(CacheRoom& room) : room_(room) {}

  void OnSend(const sim::Message& message, std::string_view path) override {
    const Exchange* exchange = room_.facts().answered();
    if (exchange == nullptr || !message.status.ok()) return;
    if (exchange->path == hash_ring::kWrite.path) {
      NoteWrite(*exchange);
    } else if (exchange->path == hash_ring::kReplicate.path && exchange->served) {
      NoteReplicate(message, *exchange);
    }
    const bool refusable = exchange->path != hash_ring::kEnterRing.path &&
                           exchange->path != hash_ring::kInstallRing.path;
    if (!exchange->served && refusable) Observe(kRefusedOld);
    if (room_.history().excused() > 0) Observe(kStaleGet);
  }

  void OnCrash(NodeId node, const sim::Disk& disk) override {
    if (room_.facts().node(node).rings.rings_size() > 1) Observe(kHandOverDied);
    for (const auto& [key, primary] : under_way_) {
      if (primary == node) Observe(kPrimaryDied);
    }
  }

  void OnDeliver(const sim::Message& message, std::string_view path) override {
    if (message.is_response || path != hash_ring::kWrite.path) return;
    hash_ring::WriteRequest request;
    request.ParseFromString(message.payload);
    under_way_[request.key()] = message.to;
  }

 private:
  void Observe(const char* what) { room_.stage().Observe(what); }

  void NoteWrite(const Exchange& exchange) {
    under_way_.erase(exchange.key);
    if (!exchange.served) return;
    const std::string id = exchange.write.id().SerializeAsString();
    if (!acknowledged_.insert(id).second) Observe(kRepeated);
  }

  void NoteReplicate(const sim::Message& message, const Exchange& exchange) {
    if (exchange.version > exchange.carried) Observe(kLateRecord);
  }

  CacheRoom& room_;
  std::map<std::string, NodeId> under_way_;  // primaries by key
  std::set<std::string> acknowledged_;       // ids of writes
};

void LetThingsGoWrong(CacheRoom& room, sim::SimTime duration, int may_lose_disk) {
  faults::Scope scope;
  scope.nodes = room.servers();
  for (std::uint32_t i = 0; i < room.options().clients; ++i)
    scope.clients.push_back(room.client(i));
  scope.clients.push_back(CacheRoom::kAdministrator);
  scope.clients_crash = true;
  scope.duration = duration;
  scope.may_lose_disk = may_lose_disk;
  room.stage().StartFaults(scope);
  room.stage().Step(
      fmt::format("Faults begin, of the profile \"{}\".", room.stage().plan().profile()));
  room.world().RunFor(duration);
}

void PlayRingChanges(Stage& stage, std::uint32_t chunk_records) {
  sim::Rng random(stage.plan().seed(), 1);
  RoomOptions options{.nodes = 4, .spares = 2, .clients = 3};
  options.replicas = static_cast<std::uint32_t>(random.Between(2, 3));
  options.points_per_unit = random.Below(3) == 0 ? 1 : 4;
  options.chunk_records = chunk_records;
  CacheRoom room(stage, options);
  Witness witness(room);
  stage.world().Watch(witness);
  Crowd crowd(room, {.operations = 14, .keys = 6, .ring_changes = 3});
  crowd.Begin();
  LetThingsGoWrong(room, 2 * kSecond, static_cast<int>(options.replicas) - 1);
  room.HealAndJudge();
}

}  // namespace

void PlayFixedRing(Stage& stage) {
  CacheRoom room(stage, {.nodes = 5, .clients = 3, .replicas = 3});
  Witness witness(room);
  stage.world().Watch(witness);
  Crowd crowd(room, {.operations = 16, .keys = 4});
  crowd.Begin();
  LetThingsGoWrong(room, 2 * kSecond, 0);
  room.HealAndJudge();
}

void PlayHandOvers(Stage& stage) { PlayRingChanges(stage, 0); }

void PlayHandOversInChunks(Stage& stage) { PlayRingChanges(stage, 2); }

}  // namespace quorum::grader::cache
