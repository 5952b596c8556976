// What a crash leaves of what a node has written, and what others may have seen of it.

#include "grader/sim/test_room.h"

namespace quorum::sim {
namespace {

using namespace std::chrono_literals;
using echo::EchoResponse;
using echo::kEcho;

WriteBatch PutA(std::string value) {
  WriteBatch batch;
  batch.Put("a", value);
  batch.Put("b", value);
  return batch;
}

class DiskTest : public TestRoom {
 protected:
  /// Node 1 writes the request's text (synced or not) and answers, in either order.
  void AddWriter(bool sync, bool reply_first = false) {
    AddNode(1, [this, sync, reply_first](Env& env, const NodeConfig& config, ScriptedNode&) {
      found_at_boot_ = env.storage().Get("a").value_or("nothing");
      first_boot_ = config.first_boot();
      env.Serve(kEcho,
                [&env, this, sync, reply_first](const echo::EchoRequest& request, auto responder) {
                  if (reply_first) responder.Reply(EchoResponse());
                  written_ = env.storage().Write(PutA(request.text()), {.sync = sync});
                  if (responder.pending()) responder.Reply(EchoResponse());
                });
    });
  }
  /// Hands it a request, as a client would, and waits a little.
  void Ask(std::string text, SimTime wait = 20 * kMillisecond) {
    answered_ = false;
    world().Invoke<echo::EchoRequest, EchoResponse>(
        1, kEcho, Request(text),
        [this](const absl::StatusOr<EchoResponse>& response) { answered_ = response.ok(); });
    world().RunFor(wait);
  }

  std::string found_at_boot_;
  bool first_boot_ = false;
  bool answered_ = false;
  absl::Status written_;
};

TEST_F(DiskTest, AnAnswerWaitsForTheSyncedWriteBeforeIt) {
  MakeWorld();
  AddWriter(/*sync=*/true);
  world().machine(1).disk.extra_fsync_ns = 100 * kMillisecond;
  Ask("x", 50 * kMillisecond);
  EXPECT_FALSE(answered_) << "the fsync is not done";
  EXPECT_TRUE(world().machine(1).disk.durable().empty());
  world().RunFor(100 * kMillisecond);
  EXPECT_TRUE(answered_);
  EXPECT_EQ(world().machine(1).disk.durable().at("a"), "x");
}

TEST_F(DiskTest, AnAnswerBeforeTheWriteDoesNotWait) {
  MakeWorld();
  AddWriter(true, /*reply_first=*/true);
  world().machine(1).disk.extra_fsync_ns = 100 * kMillisecond;
  Ask("x", 50 * kMillisecond);
  EXPECT_TRUE(answered_);
  world().Crash(1, false);
  // Some prefix of what was not durable survives: of one batch, all or nothing. Over the seeds both
  // happen; see ACrashKeepsSomePrefix.
}

TEST_F(DiskTest, ACrashLosesTheWriteAndWhatWaitedBehindIt) {
  MakeWorld();
  AddWriter(true);
  world().machine(1).disk.extra_fsync_ns = 100 * kMillisecond;
  Ask("x", 50 * kMillisecond);
  world().Crash(1, false);
  world().RunFor(500 * kMillisecond);
  EXPECT_FALSE(answered_);
}

TEST_F(DiskTest, ASyncedWriteSurvives) {
  MakeWorld();
  AddWriter(true);
  EXPECT_TRUE(first_boot_);
  Ask("x");
  world().Crash(1, true);
  world().Boot(1);
  EXPECT_EQ(found_at_boot_, "x");
  EXPECT_FALSE(first_boot_);
}

/// Puts together what has become durable and what has survived, as a watcher would.
class Onlooker : public Monitor {
 public:
  void OnDurable(NodeId, const WriteBatch& batch) override { ApplyBatch(batch, seen); }
  void OnSurvived(NodeId, const WriteBatch& batch) override {
    ApplyBatch(batch, seen);
    ++survived;
  }
  void OnCrash(NodeId, const Disk& disk) override { EXPECT_EQ(seen, disk.durable()); }

  KeyValues seen;
  int survived = 0;
};

TEST_F(DiskTest, WhatSurvivesACrashIsToldWriteByWrite) {
  std::set<int> survived;
  for (std::uint64_t seed = 1; seed <= 64; ++seed) {
    MakeWorld(seed);
    Onlooker onlooker;
    world().Watch(onlooker);
    AddWriter(/*sync=*/false);
    Ask("1");
    Ask("2");
    world().Crash(1, false);
    survived.insert(onlooker.survived);
  }
  EXPECT_EQ(survived, (std::set<int>{0, 1, 2}));
}

TEST_F(DiskTest, ACrashKeepsSomePrefixOfWhatWasNotSynced) {
  std::set<std::string> found;
  for (std::uint64_t seed = 1; seed <= 64; ++seed) {
    MakeWorld(seed);
    AddWriter(/*sync=*/false);
    Ask("1");
    Ask("2");
    EXPECT_TRUE(answered_) << "an unsynced write holds nothing back";
    world().Crash(1, false);
    const KeyValues& kept = world().machine(1).disk.durable();
    EXPECT_EQ(kept.contains("a"), kept.contains("b")) << "a batch is all there or not at all";
    if (kept.contains("a")) {
      EXPECT_EQ(kept.at("a"), kept.at("b"));
    }
    world().Boot(1);
    found.insert(found_at_boot_);
  }
  EXPECT_EQ(found, (std::set<std::string>{"nothing", "1", "2"}));
}

TEST_F(DiskTest, ASyncedWriteMakesEarlierOnesDurable) {
  MakeWorld();
  AddNode(1, [](Env& env, const NodeConfig&, ScriptedNode&) {
    WriteBatch one;
    one.Put("one", "1");
    EXPECT_TRUE(env.storage().Write(one, {.sync = false}).ok());
    EXPECT_TRUE(env.storage().Write(PutA("2")).ok());
  });
  world().RunFor(10 * kMillisecond);
  EXPECT_EQ(world().machine(1).disk.durable().size(), 3u);
}

TEST_F(DiskTest, AFullDiskIsAnErrorAndChangesNothing) {
  MakeWorld();
  AddWriter(true);
  Ask("x");
  world().machine(1).disk.full = true;
  Ask("y");
  EXPECT_EQ(written_.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(world().machine(1).disk.current().at("a"), "x");
  world().machine(1).disk.full = false;
  Ask("z");
  EXPECT_EQ(world().machine(1).disk.durable().at("a"), "z");
}

TEST_F(DiskTest, AFailedFsyncEndsTheProcess) {
  MakeWorld();
  AddWriter(true);
  world().machine(1).disk.fail_next_fsync = true;
  Ask("x");
  EXPECT_FALSE(answered_);
  EXPECT_FALSE(world().machine(1).up());
  world().Boot(1);
  Ask("y");
  EXPECT_TRUE(answered_);
}

TEST_F(DiskTest, ACorruptDiskIsRefusedAndAWipedOneIsEmptyButNotNew) {
  MakeWorld();
  AddWriter(true);
  Ask("x");
  world().Crash(1, false);
  world().machine(1).disk.corrupt = true;
  world().Boot(1);
  EXPECT_FALSE(world().machine(1).up());
  EXPECT_EQ(Count(TraceKind::kRefuse, 1), 1);
  world().machine(1).disk.corrupt = false;
  world().machine(1).disk.Wipe();
  world().Boot(1);
  EXPECT_EQ(found_at_boot_, "nothing");
  EXPECT_FALSE(first_boot_) << "empty, and yet not its first boot: it has lost its data";
}

TEST_F(DiskTest, FirstBootLastsUntilSomethingIsDurable) {
  MakeWorld();
  AddWriter(true);
  world().Crash(1, false);
  world().Boot(1);
  EXPECT_TRUE(first_boot_);
}

TEST_F(DiskTest, WhoLosesWhatSurvivedACrashHasLostItsData) {
  std::set<bool> told;
  for (std::uint64_t seed = 1; seed <= 64; ++seed) {
    MakeWorld(seed);
    AddWriter(/*sync=*/false);
    Ask("x");
    world().Crash(1, false);
    const bool survived = !world().machine(1).disk.durable().empty();
    world().machine(1).disk.Wipe();
    world().Boot(1);
    EXPECT_EQ(first_boot_, !survived);
    told.insert(first_boot_);
  }
  EXPECT_EQ(told.size(), 2u);
}

TEST_F(DiskTest, ACrashInsideAHandlerHappensJustBeforeTheChosenEffect) {
  for (const std::uint32_t k : {1u, 2u}) {  // 1: before the write; 2: before the reply
    MakeWorld();
    bool ran_on = false;
    AddNode(1, [&ran_on](Env& env, const NodeConfig&, ScriptedNode&) {
      env.Serve(kEcho, [&](const auto&, auto responder) {
        EXPECT_TRUE(env.storage().Write(PutA("x"), {.sync = true}).ok());
        responder.Reply(EchoResponse());
        Check(false, "A dead node's checks concern nobody.");
        ran_on = true;
      });
    });
    world().CrashBeforeEffect(1, k);
    Ask("x");
    EXPECT_FALSE(answered_);
    EXPECT_FALSE(world().machine(1).up());
    EXPECT_EQ(Count(TraceKind::kWrite, 1), k == 1 ? 0 : 1);
    EXPECT_FALSE(world().failure().has_value());
    EXPECT_FALSE(ran_on) << "a failed check leaves the handler, and no more comes of it";
  }
}

}  // namespace
}  // namespace quorum::sim
