// The rules of part 3G, shown what breaks them, and what only looks so.

#include <gtest/gtest.h>

#include <memory>

#include "grader/scenarios/kv/client_rules.h"
#include "grader/scenarios/kv/history.h"
#include "grader/scenarios/kv/kv_room.h"
#include "grader/scenarios/kv/server_rules.h"

namespace quorum::grader::kv {
namespace {

using quorum::kv::EXECUTED;
using quorum::kv::EXPIRED;
using quorum::kv::FORGOTTEN;
using quorum::kv::NOT_LEADER;

constexpr NodeId kClient = kFirstClient;

/// A world without any life in it, a log that the test writes, and what rules are told.
class KvRulesTest : public ::testing::Test {
 protected:
  KvRulesTest() : world_(sim::WorldOptions{.seed = 1, .budget = {}}), facts_(2) {}

  /// What has broken, if anything.
  std::string Broken() const { return world_.failure() ? world_.failure()->name : ""; }

  /// Decides a command, and returns its index.
  LogIndex Decide(const Command& command) {
    facts_.Applied(1, facts_.last() + 1, command.SerializeAsString(), "");
    return facts_.last();
  }
  LogIndex Open() {
    Command command;
    command.mutable_open_session();
    return Decide(command);
  }
  LogIndex Decide(const WriteRequest& write) {
    Command command;
    *command.mutable_write() = write;
    return Decide(command);
  }
  static WriteRequest Numbered(WriteRequest write, std::uint64_t session, std::uint64_t sequence,
                               std::uint64_t first = 1) {
    write.mutable_id()->set_session(session);
    write.mutable_id()->set_sequence(sequence);
    write.mutable_id()->set_first_unanswered(first);
    return write;
  }
  static WriteResponse Answer(quorum::kv::Outcome outcome, std::uint64_t size = 0) {
    WriteResponse response;
    response.set_outcome(outcome);
    response.set_done(outcome == EXECUTED);
    response.set_size(size);
    return response;
  }
  /// What is broken when a server is in `state` at the end of the log.
  std::string BrokenBy(const Model& state, bool restored = false) {
    StateFollowsLog rule(world_, facts_);
    if (restored) {
      rule.Restored(2, facts_.last(), state.Bytes());
    } else {
      rule.Applied(2, facts_.last(), "", state.Bytes());
    }
    return Broken();
  }

  sim::World world_;
  Facts facts_;
};

TEST_F(KvRulesTest, AServerThatFollowsTheLogIsRight) {
  const std::uint64_t session = Open();
  Decide(Numbered(Append("a", "1;"), session, 1));
  Decide(Numbered(Append("a", "1;"), session, 1));
  EXPECT_EQ(facts_.now().values().at("a"), "1;");
  EXPECT_EQ(BrokenBy(facts_.now()), "");
  EXPECT_EQ(BrokenBy(facts_.now(), true), "");
}

TEST_F(KvRulesTest, AWriteThatDoesAnythingElse) {
  Decide(Put("a", "1"));
  EXPECT_EQ(BrokenBy(Model(2)), "kv.executes");
}

TEST_F(KvRulesTest, AWriteThatIsExecutedAgain) {
  const std::uint64_t session = Open();
  Model twice(2);
  Command command;
  command.mutable_open_session();
  twice.Apply(session, command);
  *command.mutable_write() = Numbered(Append("a", "1;"), session, 1);
  Decide(command);
  twice.Apply(facts_.last(), command);
  Decide(command);
  command.mutable_write()->mutable_id()->set_sequence(2);
  twice.Apply(facts_.last(), command);
  EXPECT_EQ(BrokenBy(twice), "kv.executed-once");
}

TEST_F(KvRulesTest, ASessionThatLivesOn) {
  Model with_room_for_more(3);
  for (int number = 0; number < 3; ++number) {
    Command command;
    command.mutable_open_session();
    with_room_for_more.Apply(Decide(command), command);
  }
  EXPECT_EQ(BrokenBy(with_room_for_more), "kv.sessions-follow-log");
}

TEST_F(KvRulesTest, ASnapshotWithoutSessions) {
  Open();
  EXPECT_EQ(BrokenBy(Model(2), true), "kv.snapshot-is-whole");
}

TEST_F(KvRulesTest, AStateAheadOfWhatIsKnownIsJudgedLater) {
  StateFollowsLog rule(world_, facts_);
  rule.Restored(2, 2, Model(2).Bytes());
  EXPECT_EQ(Broken(), "");
  Open();
  Open();
  rule.Applied(1, 2, "", facts_.now().Bytes());
  EXPECT_EQ(Broken(), "kv.snapshot-is-whole");
}

TEST_F(KvRulesTest, AnAnswerBeforeTheExecution) {
  AnswerIsOwn rule(world_, facts_);
  const auto write = Numbered(Append("a", "1;"), Open(), 1);
  Decide(write);
  rule.Answers(1, write, Answer(EXECUTED, 2));
  EXPECT_EQ(Broken(), "");
  rule.Answers(1, Numbered(Append("a", "2;"), 1, 2), Answer(EXECUTED, 4));
  EXPECT_EQ(Broken(), "kv.answer-is-own");
}

TEST_F(KvRulesTest, AnotherAnswerThanThatOfTheExecution) {
  AnswerIsOwn rule(world_, facts_);
  const auto write = Numbered(Append("a", "1;"), Open(), 1);
  Decide(write);
  rule.Answers(1, write, Answer(EXECUTED, 4));
  EXPECT_EQ(Broken(), "kv.answer-is-own");
}

TEST_F(KvRulesTest, AnOpenSessionThatIsCalledExpired) {
  RefusesRightly rule(world_, facts_);
  const std::uint64_t session = Open();
  rule.Answers(1, Numbered(Put("a", "1"), session + 7, 1), Answer(EXPIRED));
  EXPECT_EQ(Broken(), "");
  rule.Answers(1, Numbered(Put("a", "1"), session, 1), Answer(EXPIRED));
  EXPECT_EQ(Broken(), "kv.sessions-follow-log");
}

TEST_F(KvRulesTest, AnAnswerThatIsForgottenTooSoon) {
  RefusesRightly rule(world_, facts_);
  const std::uint64_t session = Open();
  Decide(Numbered(Put("a", "1"), session, 2, 2));
  rule.Answers(1, Numbered(Put("a", "0"), session, 1), Answer(FORGOTTEN));
  EXPECT_EQ(Broken(), "");
  rule.Answers(1, Numbered(Put("a", "1"), session, 2, 2), Answer(FORGOTTEN));
  EXPECT_EQ(Broken(), "kv.sessions-follow-log");
}

TEST_F(KvRulesTest, APartThatIsReadTwice) {
  AppendedOnce rule(world_, facts_);
  GetResponse got;
  got.set_value("1;11;2;");
  rule.Reads(kClient, {}, got);
  EXPECT_EQ(Broken(), "");
  got.set_value("1;2;1;");
  rule.Reads(kClient, {}, got);
  EXPECT_EQ(Broken(), "kv.appended-once");
}

TEST_F(KvRulesTest, AWriteUnderTwoNumbers) {
  OneNumberAWrite rule(world_, facts_);
  rule.Asks(kClient, Numbered(Put("a", "1"), 1, 1));
  rule.Asks(kClient, Numbered(Put("a", "1"), 1, 1));
  rule.Asks(kClient, Numbered(DeleteKey("a"), 1, 2));
  rule.Asks(kClient, Numbered(DeleteKey("a"), 1, 3));
  EXPECT_EQ(Broken(), "");
  rule.Asks(kClient, Numbered(Put("a", "1"), 1, 4));
  EXPECT_EQ(Broken(), "kv.one-number-a-write");
}

TEST_F(KvRulesTest, ANumberForTwoWrites) {
  OneNumberAWrite rule(world_, facts_);
  rule.Asks(kClient, Numbered(Put("a", "1"), 1, 1));
  rule.Asks(kClient, Numbered(Put("a", "2"), 1, 1));
  EXPECT_EQ(Broken(), "kv.one-number-a-write");
}

TEST_F(KvRulesTest, AnAnswerThatTheClientDoesNotWaitFor) {
  FirstUnanswered rule(world_, facts_);
  const auto first = Numbered(Put("a", "1"), 1, 1);
  rule.Asks(kClient, first);
  rule.Asks(kClient, Numbered(Put("a", "2"), 1, 2, 1));
  rule.Hears(kClient, first, Answer(EXECUTED, 1));
  rule.Asks(kClient, Numbered(Put("a", "2"), 1, 2, 2));
  EXPECT_EQ(Broken(), "");
  rule.Hears(kClient, Numbered(Put("a", "2"), 1, 2), Answer(NOT_LEADER));
  rule.Asks(kClient, Numbered(Put("a", "3"), 1, 3, 3));
  EXPECT_EQ(Broken(), "kv.first-unanswered");
}

TEST_F(KvRulesTest, AWindowThatIsTooWide) {
  FirstUnanswered rule(world_, facts_);
  rule.Asks(kClient, Numbered(Put("a", "1"), 1, quorum::kv::kWindow, 1));
  EXPECT_EQ(Broken(), "");
  rule.Asks(kClient, Numbered(Put("a", "2"), 1, quorum::kv::kWindow + 1, 1));
  EXPECT_EQ(Broken(), "kv.first-unanswered");
}

TEST_F(KvRulesTest, AUserWhoIsToldWhatNoServerSaid) {
  ExactOutcomes rule(world_, facts_);
  const auto write = Numbered(Append("a", "1;"), Open(), 1);
  rule.Asks(kClient, write);
  Decide(write);
  rule.UserHears(kClient, 1, Append("a", "1;"), absl::OkStatus(), Answer(EXECUTED, 2));
  EXPECT_EQ(Broken(), "");
  rule.UserHears(kClient, 2, Append("a", "2;"), absl::OkStatus(), Answer(EXECUTED, 4));
  EXPECT_EQ(Broken(), "kv.exact-outcomes");
}

TEST_F(KvRulesTest, AUserWhoIsGivenUp) {
  ExactOutcomes rule(world_, facts_);
  const auto write = Numbered(Append("a", "1;"), Open(), 1);
  rule.Asks(kClient, write);
  const auto give_up = [&] {
    rule.UserHears(kClient, 1, Append("a", "1;"), absl::AbortedError("expired"), {});
  };
  Open();
  Open();  // the client's expires
  give_up();
  EXPECT_EQ(Broken(), "");
  const auto other = Numbered(Append("a", "2;"), facts_.last(), 1);
  rule.Asks(kClient, other);
  rule.UserHears(kClient, 2, Append("a", "2;"), absl::AbortedError("expired"), {});
  EXPECT_EQ(Broken(), "kv.exact-outcomes");
}

}  // namespace
}  // namespace quorum::grader::kv
