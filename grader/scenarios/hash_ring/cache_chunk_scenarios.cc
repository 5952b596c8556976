// 1E: hand-over in chunks, while reads and writes go on.

#include <fmt/format.h>

#include "grader/check/invariant.h"
#include "grader/scenarios/hash_ring/cache_room.h"
#include "grader/scenarios/hash_ring/cache_scenarios.h"
#include "grader/scenarios/hash_ring/cache_statements.h"
#include "grader/scenarios/hash_ring/cache_sweeps.h"

namespace quorum::grader {
namespace {

using cache::CacheRoom;
using cache::Pending;

constexpr char kAnsweredMeanwhile[] =
    "a moved key was written and read before the hand-over was over";
constexpr std::uint32_t kChunkRecords = 1;

/// No response holds more records than it may.
class SmallChunks final : public Invariant {
 public:
  explicit SmallChunks(sim::World& world) : Invariant(world, cache::kChunks) {}

  void OnSend(const sim::Message& message, std::string_view path) override {
    if (!message.is_response || path != hash_ring::kCopyArcs.path || !message.status.ok()) return;
    hash_ring::CopyArcsResponse response;
    response.ParseFromString(message.payload);
    if (response.records_size() <= static_cast<int>(kChunkRecords)) return;
    Violated(fmt::format("Node {} sends {} records at once; the chunks were to be of {}.",
                         message.from, response.records_size(), kChunkRecords),
             message.from);
  }
};

void PlayGoesOn(Stage& stage) {
  CacheRoom room(stage, {.nodes = 2,
                         .spares = 1,
                         .clients = 2,
                         .replicas = 2,
                         .points_per_unit = 4,
                         .chunk_records = kChunkRecords});
  stage.Watch<SmallChunks>();
  const cache::Ring next = room.NextRing({1, 2, 3});
  stage.Step("A client writes 60 keys, of which a new node is going to get about two in three.");
  std::vector<Pending> puts;
  std::vector<std::string> moved;
  room.KeyWhere([](const auto&) { return true; }, &next);
  for (int i = 0; i < 60; ++i) {
    const std::string key = i == 0 ? "" : fmt::format("key{}", i);  // any text is a key
    puts.push_back(room.Put(room.client(0), key, "a;"));
    if (room.facts().Replicas(2, key)[0] == 3) moved.push_back(key);
  }
  for (const Pending& put : puts) room.Await(put, "A put");
  faults::Network slow;
  slow.set_min_delay_ns(10 * kMillisecond);
  slow.set_max_delay_ns(12 * kMillisecond);
  room.world().network().SetConditions(slow);
  stage.Step("Every message takes 10 ms, and a copy holds one record. Node 3 joins.");
  room.Install(next);
  room.RunUntil([&] { return room.facts().DurableEpoch(3) == 2; }, 5 * kSecond);
  // Keys from the end: a copy in ascending order comes to them last.
  for (std::size_t i = 0; i < 4 && i < moved.size(); ++i) {
    const std::string& key = moved[moved.size() - 1 - i];
    stage.Step(
        fmt::format("The key \"{}\", whose new primary is node 3, is read and appended to.", key));
    for (const bool read : {true, false}) {
      const Pending asked =
          read ? room.Get(room.client(1), key) : room.Append(room.client(0), key, "b;");
      room.RunUntil([&] { return asked->done || room.HandedOver(); }, 20 * kSecond);
      stage.Require(cache::kGoesOn, asked->done,
                    fmt::format("The hand-over is over, and the {} of the key \"{}\" is still not "
                                "answered.",
                                read ? "get" : "append", key));
    }
    if (!room.HandedOver()) stage.Observe(kAnsweredMeanwhile);
  }
  room.DemandHandOver();
  room.HealAndJudge();
}

}  // namespace

std::vector<Scenario> ChunkScenarios() {
  std::vector<Scenario> all = {
      {.lab = "hash_ring",
       .part = "1E",
       .name = "GoesOnMeanwhile",
       .story =
           "A node joins a ring with many keys over a slow network, and copies one record at a "
           "time. The keys that it takes over are read and written meanwhile.",
       .points = 5,
       .seeds = 20,
       .bonus = true,
       .must_observe = {kAnsweredMeanwhile},
       .play = PlayGoesOn},
  };
  const std::vector<Scenario> sweeps = cache::ChunkSweeps();
  all.insert(all.end(), sweeps.begin(), sweeps.end());
  return all;
}

}  // namespace quorum::grader
