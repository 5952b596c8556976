// Vector clocks say exactly what happened before what: over whole runs with faults, against the
// definition.

#include "grader/report/diagram/causality.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <sstream>

#include "grader/report/diagram/shiviz.h"
#include "grader/sim/test_room.h"

namespace quorum::report {
namespace {

using namespace std::chrono_literals;
using echo::kEcho;
using sim::ScriptedNode;
using sim::TraceKind;
using sim::TraceRecord;

class CausalityTest : public sim::TestRoom {
 protected:
  /// Four nodes that gossip over a bad network, one of which dies and comes back.
  const sim::Trace& Gossip(std::uint64_t seed) {
    MakeWorld(seed);
    faults::Network lossy;
    lossy.set_min_delay_ns(100'000);
    lossy.set_max_delay_ns(9'000'000);
    lossy.set_drop_ppm(100'000);
    lossy.set_duplicate_ppm(200'000);
    world().network().SetConditions(lossy);
    for (NodeId id = 1; id <= 4; ++id) AddNode(id, Gossiping);
    world().At(30'000'000, [this] { world().Crash(2, /*power_loss=*/false); });
    world().At(60'000'000, [this] { world().Boot(2); });
    world().RunFor(150'000'000);
    return world().trace();
  }

 private:
  static void Gossiping(Env& env, const NodeConfig& config, ScriptedNode& node) {
    env.Serve(kEcho, [](const auto&, auto responder) { responder.Reply(echo::EchoResponse()); });
    for (int call = 0; call < 8; ++call) {
      node.timers.push_back(env.After(env.RandomBetween(1ms, 100ms), [&env, self = config.self()] {
        const auto peer = static_cast<NodeId>(1 + env.RandomBelow(4));
        if (peer != self) env.Call(peer, kEcho, Request("x"), 20ms, [](auto) {});
      }));
    }
  }
};

bool Sent(const std::vector<TraceRecord>& records, std::uint64_t id) {
  return std::any_of(records.begin(), records.end(), [&](const TraceRecord& record) {
    return record.kind == TraceKind::kSend && record.id == id;
  });
}

/// For each pair of records, whether the first happened before the second: by the definition, as
/// the transitive closure of "the same node, earlier", "sent, delivered" and "died, found dead".
std::vector<std::vector<bool>> HappenedBefore(const sim::Trace& trace) {
  const std::vector<TraceRecord>& records = trace.records();
  std::vector<std::vector<bool>> before(records.size(), std::vector<bool>(records.size()));
  for (std::size_t later = 0; later < records.size(); ++later) {
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      const TraceRecord& a = records[earlier];
      const TraceRecord& b = records[later];
      const bool message = a.kind == TraceKind::kSend && b.kind == TraceKind::kDeliver &&
                           a.id == b.id && a.node == b.peer;
      const bool death = a.kind == TraceKind::kCrash && b.kind == TraceKind::kDeliver &&
                         a.node == b.peer && (b.flag & 2) && !Sent(records, b.id);
      if (a.node != b.node && !message && !death) continue;
      before[later][earlier] = true;
      for (std::size_t first = 0; first < earlier; ++first) {
        if (before[earlier][first]) before[later][first] = true;
      }
    }
  }
  return before;
}

bool Less(const VectorClock& a, const VectorClock& b) {
  for (const auto& [node, count] : a) {
    const auto found = b.find(node);
    if (found == b.end() || found->second < count) return false;
  }
  return a != b;
}

TEST_F(CausalityTest, ClocksAreOrderedAsEventsAre) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const sim::Trace& trace = Gossip(seed);
    const Causality causality(trace);
    const std::vector<bool> all(trace.records().size(), true);
    const std::vector<VectorClock> clocks = VectorClocks(trace, causality, all);
    const auto before = HappenedBefore(trace);
    ASSERT_GT(clocks.size(), 100u);
    for (std::size_t later = 0; later < clocks.size(); ++later) {
      for (std::size_t earlier = 0; earlier < later; ++earlier) {
        ASSERT_EQ(Less(clocks[earlier], clocks[later]), before[later][earlier])
            << "seed " << seed << ", records " << earlier << " and " << later;
        ASSERT_FALSE(Less(clocks[later], clocks[earlier])) << "seed " << seed;
      }
    }
  }
}

TEST_F(CausalityTest, ThePastOfARecordIsWhatHappenedBeforeIt) {
  const sim::Trace& trace = Gossip(6);
  const Causality causality(trace);
  const auto before = HappenedBefore(trace);
  for (std::size_t end = 0; end < before.size(); end += 7) {
    std::vector<bool> expected = before[end];
    expected[end] = true;
    EXPECT_EQ(causality.PastOf({end}), expected) << end;
  }
}

TEST_F(CausalityTest, ShiVizFindsEveryEventAndEachHostCountsItsOwn) {
  std::istringstream log(ShiViz(Gossip(7)));
  std::string line;
  std::getline(log, line);
  EXPECT_EQ(line, R"((?<time>\S+) (?<event>.*)\n(?<host>\S+) (?<clock>\{.*\}))");
  std::getline(log, line);
  EXPECT_EQ(line, "");
  const std::regex event(R"(\S+ .*)");
  const std::regex host(R"((\S+) (\{.*\}))");
  std::map<std::string, int> counts;
  std::string clock;
  while (std::getline(log, line) && std::getline(log, clock)) {
    ASSERT_TRUE(std::regex_match(line, event)) << line;
    std::smatch parts;
    ASSERT_TRUE(std::regex_match(clock, parts, host)) << clock;
    const std::string own = "\"" + parts[1].str() + "\":" + std::to_string(++counts[parts[1]]);
    EXPECT_NE(clock.find(own), std::string::npos) << clock << " after " << own;
  }
  EXPECT_EQ(counts.size(), 4u);
}

}  // namespace
}  // namespace quorum::report
