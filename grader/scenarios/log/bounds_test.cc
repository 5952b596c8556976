// Each bound of a log, shown a node that keeps just as much as it may, and one that keeps more.

#include "grader/scenarios/log/bounds.h"

#include <gtest/gtest.h>

#include <string>

#include "grader/sim/test_room.h"

namespace quorum::grader {
namespace {

using namespace std::chrono_literals;

constexpr BoundStatements kBounds = {.entries = {"entries", "", ""},
                                     .disk = {"disk", "", ""},
                                     .waiting = {"waiting", "", ""},
                                     .requests = {"requests", "", ""},
                                     .heap = {"heap", "", ""}};

/// Clients ask for nothing here. So there is room for a thousand empty commands, with 100 bytes
/// around each on a disk, 50 in requests and 200 on the heap.
class BoundsTest : public sim::TestRoom {
 protected:
  /// Which bound is broken once a node that does this has made such a write durable, and has ended.
  std::string Broken(Script script, const WriteBatch& batch) {
    MakeWorld();
    BoundedLog bounds(world(), kBounds, "entry/");
    world().Watch(bounds);
    AddNode(1, std::move(script));
    bounds.OnDurable(1, batch);
    bounds.EndAndWeigh();
    return world().failure() ? world().failure()->name : "";
  }
  std::string BrokenByWrite(const WriteBatch& batch) {
    return Broken([](Env&, const NodeConfig&, sim::ScriptedNode&) {}, batch);
  }
  std::string BrokenByNode(Script script) { return Broken(std::move(script), WriteBatch()); }
};

TEST_F(BoundsTest, Entries) {
  WriteBatch batch;
  for (int entry = 0; entry < 1'000; ++entry) batch.Put("entry/" + std::to_string(entry), "");
  EXPECT_EQ(BrokenByWrite(batch), "");
  batch.Put("entry/one more", "");
  EXPECT_EQ(BrokenByWrite(batch), "entries");
}

TEST_F(BoundsTest, Disk) {
  WriteBatch batch;
  batch.Put("old", std::string(50'000 - 3, 'x'));
  batch.Put("new", std::string(50'000 - 3, 'x'));
  EXPECT_EQ(BrokenByWrite(batch), "");
  batch.Put("new", std::string(50'000 - 2, 'x'));
  EXPECT_EQ(BrokenByWrite(batch), "disk");
  batch.Delete("old");
  EXPECT_EQ(BrokenByWrite(batch), "");
}

TEST_F(BoundsTest, Timers) {
  const auto with_timers = [](int timers) {
    return [timers](Env& env, const NodeConfig&, sim::ScriptedNode& node) {
      for (int timer = 0; timer < timers; ++timer) node.timers.push_back(env.After(1s, [] {}));
    };
  };
  EXPECT_EQ(BrokenByNode(with_timers(2'000)), "");
  EXPECT_EQ(BrokenByNode(with_timers(2'001)), "waiting");
}

TEST_F(BoundsTest, CallsAndTheirRequests) {
  const auto with_calls = [](int calls, std::size_t length) {
    return [=](Env& env, const NodeConfig&, sim::ScriptedNode&) {
      for (int call = 0; call < calls; ++call) {
        env.Call(2, echo::kEcho, Request(std::string(length, 'x')), 1s,
                 [](const absl::StatusOr<echo::EchoResponse>&) {});
      }
    };
  };
  EXPECT_EQ(BrokenByNode(with_calls(2'000, 10)), "");
  EXPECT_EQ(BrokenByNode(with_calls(2'001, 10)), "waiting");
  EXPECT_EQ(BrokenByNode(with_calls(50, 990)), "");
  EXPECT_EQ(BrokenByNode(with_calls(50, 1'000)), "requests");  // with a field's tag and length
}

TEST_F(BoundsTest, Heap) {
  const auto with_bytes = [](std::size_t bytes) {
    return [bytes](Env& env, const NodeConfig&, sim::ScriptedNode& node) {
      node.timers.push_back(env.After(1s, [text = std::string(bytes, 'x')] { FAIL() << text; }));
    };
  };
  EXPECT_EQ(BrokenByNode(with_bytes(190'000)), "");
  EXPECT_EQ(BrokenByNode(with_bytes(200'000)), "heap");
}

}  // namespace
}  // namespace quorum::grader
