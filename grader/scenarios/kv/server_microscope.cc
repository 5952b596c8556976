// A server by itself: the scenario plays the log below it, and the clients.

#include <fmt/format.h>

#include "grader/scenarios/kv/kv_room.h"
#include "grader/scenarios/kv/kv_scenarios.h"
#include "grader/scenarios/kv/scripted_log.h"
#include "grader/scenarios/kv/statements.h"
#include "grader/scenarios/kv/text.h"

namespace quorum::grader::kv {
namespace {

using quorum::kv::EXECUTED;
using quorum::kv::EXPIRED;
using quorum::kv::FORGOTTEN;
using quorum::kv::NOT_LEADER;
using quorum::kv::Outcome;
using quorum::kv::UNKNOWN;

constexpr Statement kTellsWhatTheLogSays = {
    "kv.tells-what-the-log-says",
    "A server answers EXECUTED to what was executed, UNKNOWN when the log does not know what "
    "became "
    "of the command, and NOT_LEADER, with the log's hint, when it was not proposed.",
    "kv.proto, Outcome; lab 3, part 3G, step 1"};
constexpr Statement kRefusesInvalid = {"kv.refuses-invalid-requests",
                                       "A server answers INVALID_ARGUMENT to a write of no kind, "
                                       "or whose id is not as RequestId says, "
                                       "and proposes nothing.",
                                       "kv.proto, WriteRequest; lab 3, part 3G, step 1"};

constexpr std::uint32_t kMaxSessions = 3;
constexpr std::uint32_t kSnapshotEvery = 15;

/// Server 1, the only one.
class ServerLens {
 public:
  explicit ServerLens(Stage& stage)
      : stage_(stage),
        room_(stage, {.servers = 1,
                      .clients = 0,
                      .max_sessions = kMaxSessions,
                      .snapshot_every = kSnapshotEvery}) {
    SetScript(&script_);
    room_.BootAll(stage.part<LogHostFactory>(quorum::kv::kServerPart, kLogHostFactoryType),
                  MakeScriptedLog, nullptr);
    room_.AwaitLeader();
  }

  Script& script() { return script_; }
  KvRoom& room() { return room_; }

  std::uint64_t OpenSession() {
    bool answered = false;
    OpenSessionResponse opened;
    room_.world().Invoke<OpenSessionRequest, OpenSessionResponse>(1, quorum::kv::kOpenSession, {},
                                                                  [&](const auto& response) {
                                                                    answered = true;
                                                                    if (response.ok())
                                                                      opened = *response;
                                                                  });
    room_.AwaitThat([&] { return answered; }, "that a session is opened");
    stage_.Require(kTellsWhatTheLogSays, opened.outcome() == EXECUTED,
                   "The log has decided to open a session; the answer is " +
                       Outcome_Name(opened.outcome()) + ".");
    stage_.Require(kSessionsFollowLog, room_.facts().now().sessions().contains(opened.session()),
                   fmt::format("Server 1 says that it has opened the session {}, and the log has "
                               "not.",
                               opened.session()));
    return opened.session();
  }

  static WriteRequest Numbered(WriteRequest request, const Number& number, std::uint64_t first) {
    request.mutable_id()->set_session(number.first);
    request.mutable_id()->set_sequence(number.second);
    request.mutable_id()->set_first_unanswered(first);
    return request;
  }

  /// Asks for a write, whose answer has to have this outcome.
  WriteResponse Ask(const WriteRequest& request, Outcome outcome) {
    const Told told = room_.Await(room_.Write(1, request), "An answer to: " + Show(request));
    stage_.Require(
        kTellsWhatTheLogSays, told.written.outcome() == outcome,
        fmt::format("Server 1 is asked to {} as {}, waiting from {} on, and answers {}; "
                    "it should be {}.",
                    Show(request), Show(NumberOf(request.id())), request.id().first_unanswered(),
                    Outcome_Name(told.written.outcome()), Outcome_Name(outcome)));
    return told.written;
  }

  void DemandValue(const std::string& key, const std::string& value) {
    const Told told = room_.Await(room_.Get(1, key), "A get of \"" + key + "\"");
    stage_.Require(
        kTellsWhatTheLogSays, told.got.outcome() == EXECUTED,
        "The log has confirmed a read; the answer is " + Outcome_Name(told.got.outcome()) + ".");
    stage_.Require(kLinearizable, told.got.value() == value && told.got.found() == !value.empty(),
                   fmt::format("A get of \"{}\" returns \"{}\"; the value is \"{}\".", key,
                               told.got.value(), value));
  }

  void DemandRefusal(const WriteRequest& request, const std::string& why) {
    const int before = script_.proposals;
    const Pending pending = room_.Write(1, request);
    room_.AwaitThat([&] { return pending->done; }, "an answer to an invalid request");
    stage_.Require(kRefusesInvalid,
                   absl::IsInvalidArgument(pending->status) && script_.proposals == before,
                   fmt::format("A write {}: the answer is {}, and the log has been proposed {} "
                               "commands.",
                               why, pending->status.ToString(), script_.proposals - before));
  }

  void Restart() {
    stage_.Step("Server 1 restarts.");
    room_.world().Crash(1, true);
    room_.world().Boot(1);
    room_.AwaitLeader();
  }

 private:
  Stage& stage_;
  Script script_;
  KvRoom room_;
};

void ShowKinds(Stage& stage, ServerLens& lens) {
  stage.Step("Writes of all kinds, without ids.");
  lens.Ask(Append("a", "1;"), EXECUTED);
  lens.Ask(Append("a", "2;"), EXECUTED);
  lens.Ask(Put("b", "3"), EXECUTED);
  lens.Ask(Swap("b", "2", "4"), EXECUTED);
  lens.Ask(Swap("b", "3", "5"), EXECUTED);
  lens.Ask(Swap("b", std::nullopt, "6"), EXECUTED);
  lens.Ask(Swap("c", std::nullopt, "7"), EXECUTED);
  lens.Ask(Swap("d", "", "8"), EXECUTED);
  lens.DemandValue("a", "1;2;");
  lens.DemandValue("b", "5");
  lens.DemandValue("c", "7");
  lens.DemandValue("d", "");
  lens.Ask(DeleteKey("b"), EXECUTED);
  lens.Ask(DeleteKey("b"), EXECUTED);
  lens.DemandValue("b", "");
  stage.Step("A read before which the log decides another write.");
  Command command;
  *command.mutable_write() = Append("a", "3;");
  lens.script().before_read = command.SerializeAsString();
  lens.DemandValue("a", "1;2;3;");
}

void ShowOutcomes(Stage& stage, ServerLens& lens) {
  Script& script = lens.script();
  const std::uint64_t session = lens.OpenSession();
  const auto write = [&](std::uint64_t sequence) {
    return lens.Numbered(Append("e", fmt::format("{};", sequence)), {session, sequence}, 1);
  };
  stage.Step("A write of which the log does not know what becomes, and is asked for again.");
  script.mode = Script::Mode::kDecideLater;
  lens.Ask(write(1), UNKNOWN);
  lens.room().world().RunFor(10 * kMillisecond);
  script.mode = Script::Mode::kDecide;
  lens.Ask(write(1), EXECUTED);
  stage.Step("One that is lost, and is asked for again.");
  script.mode = Script::Mode::kLose;
  lens.Ask(write(2), UNKNOWN);
  script.mode = Script::Mode::kDecide;
  lens.Ask(write(2), EXECUTED);
  stage.Step("One that the log decides twice.");
  script.mode = Script::Mode::kDecideTwice;
  lens.Ask(write(3), EXECUTED);
  script.mode = Script::Mode::kRefuse;
  script.hint = 7;
  stage.Step("The log does not lead, and neither proposes nor confirms reads.");
  const NodeId hint = lens.Ask(write(4), NOT_LEADER).leader_hint();
  stage.Require(kTellsWhatTheLogSays, hint == 7,
                fmt::format("Node 7 may lead; server 1 says {}.", hint));
  script.confirms_reads = false;
  const Told read = lens.room().Await(lens.room().Get(1, "e"), "A get where nobody leads");
  stage.Require(kTellsWhatTheLogSays,
                read.got.outcome() == NOT_LEADER && read.got.leader_hint() == 7,
                fmt::format("Node 7 may lead; a get is answered {}, and {} may lead.",
                            Outcome_Name(read.got.outcome()), read.got.leader_hint()));
  script = Script{.decided = script.decided,
                  .last = script.last,
                  .snapshot_index = script.snapshot_index,
                  .snapshot = script.snapshot};
  lens.DemandValue("e", "1;2;3;");
}

void ShowSessions(Stage& stage, ServerLens& lens) {
  const std::uint64_t session = lens.OpenSession();
  const auto write = [&](std::uint64_t sequence, std::uint64_t first) {
    return lens.Numbered(Append("f", fmt::format("{};", sequence)), {session, sequence}, first);
  };
  stage.Step("A whole window of writes, not in their order, and each of them a second time.");
  std::vector<std::uint64_t> order;
  for (std::uint64_t sequence = 1; sequence <= quorum::kv::kWindow; ++sequence) {
    order.insert(order.begin() + static_cast<std::ptrdiff_t>(stage.random().Below(sequence)),
                 sequence);
  }
  for (const std::uint64_t sequence : order) lens.Ask(write(sequence, 1), EXECUTED);
  for (const std::uint64_t sequence : order) lens.Ask(write(sequence, 1), EXECUTED);
  stage.Step("The client has the answers up to 20; then an older request comes late.");
  const std::uint64_t next = quorum::kv::kWindow + 1;
  lens.Ask(write(next, 21), EXECUTED);
  lens.Ask(write(20, 1), FORGOTTEN);
  lens.Ask(write(21, 1), EXECUTED);
  stage.Step("A cas that fails, succeeds under another number, and is asked for again.");
  const auto swap = [&](std::uint64_t sequence) {
    return lens.Numbered(Swap("g", "no", "yes"), {session, sequence}, 21);
  };
  lens.Ask(swap(next + 1), EXECUTED);
  lens.Ask(lens.Numbered(Put("g", "no"), {session, next + 2}, 21), EXECUTED);
  lens.Ask(swap(next + 1), EXECUTED);
  lens.DemandValue("g", "no");
  lens.DemandRefusal(WriteRequest(), "of no kind");
  lens.DemandRefusal(write(next + 3, 0), "that waits for answers from 0 on");
  lens.DemandRefusal(write(next + 3, next + 4), "that waits for later answers only");
  lens.DemandRefusal(write(30 + quorum::kv::kWindow, 30), "with a number too many in the window");
}

void ShowExpiry(Stage& stage, ServerLens& lens) {
  const auto write = [&](std::uint64_t session, std::uint64_t sequence) {
    return lens.Numbered(Append("h", fmt::format("{}.{};", session, sequence)), {session, sequence},
                         1);
  };
  const std::uint64_t one = lens.OpenSession();
  const std::uint64_t two = lens.OpenSession();
  const std::uint64_t three = lens.OpenSession();
  stage.Step(
      fmt::format("Three sessions are open, as many as may be. The first and the last one "
                  "are used; then a fourth is opened, and the second one expires."));
  lens.Ask(write(one, 1), EXECUTED);
  lens.Ask(write(three, 1), EXECUTED);
  lens.OpenSession();
  lens.Ask(write(two, 1), EXPIRED);
  lens.Ask(write(one, 1), EXECUTED);
  lens.Ask(write(one, 2), EXECUTED);
  lens.Ask(write(999'999, 1), EXPIRED);
  stage.Step("Whether a session is open does not depend on time.");
  lens.room().world().RunFor(120 * kSecond);
  lens.Ask(write(three, 2), EXECUTED);
  stage.Step("Snapshots are due; then the server forgets all that is not in the log.");
  for (std::uint64_t sequence = 3; sequence <= 3 + kSnapshotEvery; ++sequence) {
    lens.Ask(write(one, sequence), EXECUTED);
    lens.room().world().RunFor(static_cast<sim::SimTime>(stage.random().Below(40)) * kMillisecond);
  }
  const Script& script = lens.script();
  lens.room().world().RunFor(kSecond);
  stage.Require(kBounded, script.decided.size() < 2 * kSnapshotEvery,
                fmt::format("{} commands lie behind the last snapshot that server 1 has handed to "
                            "its log; it is to hand over one every {} commands.",
                            script.decided.size(), kSnapshotEvery));
  lens.Restart();
  for (std::uint64_t sequence = 1; sequence <= 3 + kSnapshotEvery; ++sequence) {
    lens.Ask(write(one, sequence), EXECUTED);
  }
  lens.Ask(write(two, 1), EXPIRED);
}

void PlayServerAlone(Stage& stage) {
  ServerLens lens(stage);
  ShowKinds(stage, lens);
  ShowOutcomes(stage, lens);
  ShowSessions(stage, lens);
  ShowExpiry(stage, lens);
}

}  // namespace

std::vector<Scenario> ServerMicroscopes() {
  return {{.lab = "raft",
           .part = "3G",
           .name = "ServerAlone",
           .story =
               "One server, without your Raft and your client: the test plays the log below it "
               "and the clients, and asks for what chance seldom brings about.",
           .points = 1,
           .seeds = 20,
           .play = PlayServerAlone}};
}

}  // namespace quorum::grader::kv
