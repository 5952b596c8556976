#include "grader/scenarios/hash_ring/cache_sweeps.h"

#include <fmt/format.h>

#include <set>

#include "grader/scenarios/hash_ring/cache_crowd.h"
#include "grader/scenarios/hash_ring/cache_room.h"

namespace quorum::grader::cache {
namespace {

using faults::Profile;

constexpr char kRepeated[] = "a primary was asked again for a write that it had acknowledged";
constexpr char kLateRecord[] = "a replica received a record older than its own";
constexpr char kPrimaryDied[] = "a primary died while a write of its key was under way";
constexpr char kRefusedOld[] = "a node refused a request of an older epoch";
constexpr char kHandOverDied[] = "a node died during a hand-over";
constexpr char kEpochUponEpoch[] = "a ring was installed before the last hand-over was over";
constexpr char kDataLost[] = "a node of the ring lost its data";

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
  }

  void OnDurable(NodeId node, const WriteBatch&) override {
    if (room_.facts().node(node).rings.rings_size() > 2) Observe(kEpochUponEpoch);
  }

  void OnBoot(NodeId node, const sim::Disk&) override {
    if (room_.facts().HasLostItsData(node)) Observe(kDataLost);
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

void PlayFixedRing(Stage& stage) {
  CacheRoom room(stage, {.nodes = 5, .clients = 3, .replicas = 3});
  Witness witness(room);
  stage.world().Watch(witness);
  Crowd crowd(room, {.operations = 20, .keys = 4});
  crowd.Begin();
  LetThingsGoWrong(room, 2 * kSecond, 0);
  room.HealAndJudge(true);
}

void PlayHandOvers(Stage& stage) { PlayRingChanges(stage, 0); }

void PlayHandOversInChunks(Stage& stage) { PlayRingChanges(stage, 2); }

Scenario FixedRing(const char* name, Profile profile, int points, const char* story) {
  return {.lab = "hash_ring",
          .part = "1C",
          .name = name,
          .story = story,
          .points = points,
          .seeds = 200,
          .profile = profile,
          .play = PlayFixedRing};
}

Scenario HandOver(const char* name, Profile profile, const char* story) {
  return {.lab = "hash_ring",
          .part = "1D",
          .name = name,
          .story = story,
          .points = 2,
          .seeds = 200,
          .profile = profile,
          .must_observe = {kRefusedOld, kEpochUponEpoch},
          .play = PlayHandOvers};
}

}  // namespace

std::vector<Scenario> FixedRingSweeps() {
  std::vector<Scenario> sweeps = {
      FixedRing("CacheUnderLoss", Profile::kLossy, 3,
                "Three clients write and read four keys of a five-node ring. Messages are dropped, "
                "repeated, reordered and delayed for long."),
      FixedRing("CacheUnderPartitions", Profile::kPartitions, 2,
                "The same while links are cut, one way or both, slow, or flapping."),
      FixedRing("CacheUnderCrashes", Profile::kCrashes, 2,
                "The same while nodes and clients die, also in the middle of a handler, and come "
                "back."),
      FixedRing("CacheOnBadDisks", Profile::kDisk, 2,
                "The same on disks that are full, slow, or fail an fsync."),
      FixedRing("CacheUnderEverything", Profile::kEverything, 3,
                "All of that at once, and clocks that run fast or slow."),
  };
  sweeps[0].must_observe = {kRepeated, kLateRecord};
  sweeps[2].must_observe = {kRepeated, kPrimaryDied};
  sweeps[4].must_observe = {kRepeated, kLateRecord, kPrimaryDied};
  return sweeps;
}

std::vector<Scenario> HandOverSweeps() {
  std::vector<Scenario> sweeps = {
      HandOver(
          "HandOffUnderLoss", Profile::kLossy,
          "Three clients write and read six keys while the administrator changes the ring three "
          "times, sometimes before the last hand-over is over. Messages are dropped, repeated, "
          "reordered and delayed for long."),
      HandOver("HandOffUnderPartitions", Profile::kPartitions,
               "The same while links are cut, one way or both, slow, or flapping."),
      HandOver("HandOffUnderCrashes", Profile::kCrashes,
               "The same while nodes and clients die, also in the middle of a handler, and come "
               "back."),
      HandOver("HandOffOnBadDisks", Profile::kDisk,
               "The same on disks that are full, slow, or fail an fsync. Up to n - 1 nodes lose "
               "their data for good, and are replaced."),
      HandOver("HandOffUnderEverything", Profile::kEverything,
               "All of that at once, and clocks that run fast or slow."),
  };
  sweeps[2].must_observe.push_back(kHandOverDied);
  sweeps[3].must_observe.push_back(kDataLost);
  sweeps[4].must_observe.push_back(kDataLost);
  sweeps[4].must_observe.push_back(kHandOverDied);
  return sweeps;
}

std::vector<Scenario> ChunkSweeps() {
  Scenario sweep = HandOver("ChunksUnderEverything", Profile::kEverything,
                            "The ring changes three times under all faults at once, and what is "
                            "copied is copied two records at a time.");
  sweep.part = "1E";
  sweep.points = 5;
  sweep.bonus = true;
  sweep.play = PlayHandOversInChunks;
  return {sweep};
}

}  // namespace quorum::grader::cache
