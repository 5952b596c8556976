// A client by itself: the scenario plays the servers, and the client's user.

#include <fmt/format.h>

#include "grader/scenarios/kv/client_rules.h"
#include "grader/scenarios/kv/kv_room.h"
#include "grader/scenarios/kv/kv_scenarios.h"
#include "grader/scenarios/kv/statements.h"
#include "grader/scenarios/kv/text.h"
#include "grader/scenarios/puppet.h"

namespace quorum::grader::kv {
namespace {

using quorum::kv::EXECUTED;
using quorum::kv::NOT_LEADER;
using quorum::kv::UNKNOWN;

constexpr Statement kFindsTheLeader = {
    "kv.finds-the-leader",
    "A client that is told NOT_LEADER, or nothing, asks elsewhere, and follows a hint.",
    "kv.proto, Outcome; lab 3, part 3G, step 6"};
constexpr Statement kNewSession = {
    "kv.new-session",
    "A client that has restarted, or whose session has expired, opens a new session before it asks "
    "for anything else.",
    "Ongaro's thesis, section 6.3; lab 3, part 3G, steps 7 and 9"};

constexpr char kClientAskedAgain[] = "the client asked again for a write that was executed";
constexpr char kGaveUp[] = "a session expired while a write was under way";

constexpr int kServers = 3;
/// So that a stranger's session ends that of the client.
constexpr std::uint32_t kOneSession = 1;

using Puppet = PuppetOf<Method<OpenSessionRequest, OpenSessionResponse>,
                        Method<WriteRequest, WriteResponse>, Method<GetRequest, GetResponse>>;

/// Client 101 among three servers, of which one leads.
class ClientLens {
 public:
  enum class Mode {
    kAnswer,   ///< executes and answers
    kSilent,   ///< executes, and the answer is lost
    kLost,     ///< the request is lost
    kUnknown,  ///< answers UNKNOWN, having executed or not
    kChance,   ///< one of these
  };

  explicit ClientLens(Stage& stage) : stage_(stage), facts_(kOneSession) {
    watch_.Add(stage.Watch<OneNumberAWrite>(facts_));
    watch_.Add(stage.Watch<FirstUnanswered>(facts_));
    watch_.Add(stage.Watch<ExactOutcomes>(facts_));
    world().Watch(watch_);
    NodeConfig config;
    for (NodeId node = 1; node <= kServers; ++node) config.add_peers(node);
    for (NodeId node = 1; node <= kServers; ++node) {
      config.set_self(node);
      puppets_.push_back(std::make_unique<Puppet>(stage, config, quorum::kv::kOpenSession,
                                                  quorum::kv::kWrite, quorum::kv::kGet));
      Play(*puppets_.back());
    }
    config.set_self(kFirstClient);
    stage.AddNode(quorum::kv::kClientRole, config);
    stage.Step("Client 101 boots, and three servers, which the test plays.");
  }

  sim::World& world() { return stage_.world(); }
  void Follow(Mode mode) { mode_ = mode; }
  /// Another server leads from now on; whether the others know it.
  void MoveLeader(bool known) {
    leader_ = leader_ % kServers + 1;
    known_ = known;
    stage_.Step(fmt::format("Server {} leads, and the others {} it.", leader_,
                            known ? "know" : "do not know"));
  }
  /// How often the leader was asked for a write.
  int asked() const { return asked_; }
  std::uint64_t session() const { return session_; }
  int sessions() const { return sessions_; }

  std::shared_ptr<Told> Write(const WriteRequest& request) {
    auto told = std::make_shared<Told>();
    world().Invoke<WriteRequest, WriteResponse>(kFirstClient, quorum::kv::kWrite, request,
                                                [told](const auto& response) {
                                                  told->done = true;
                                                  told->status = response.status();
                                                  if (response.ok()) told->written = *response;
                                                });
    return told;
  }

  void AwaitThat(const std::function<bool()>& done, const Statement& statement,
                 const std::string& what) {
    world().RunUntil(done, kPatience);
    stage_.Require(statement, done(),
                   fmt::format("Waited in vain for 20 simulated seconds: {}.", what));
  }
  /// A user's write, to its end.
  void WriteWell(const WriteRequest& request) {
    const auto told = Write(request);
    AwaitThat([&] { return told->done; }, kProgress, "that the user is told of: " + Show(request));
  }
  void AwaitAsked(const std::string& what) {
    AwaitThat([this, before = asked_] { return asked_ > before; }, kFindsTheLeader, what);
  }
  void ReadWell(const std::string& key) {
    bool told = false;
    GetResponse got;
    GetRequest request;
    request.set_key(key);
    world().Invoke<GetRequest, GetResponse>(kFirstClient, quorum::kv::kGet, request,
                                            [&](const auto& response) {
                                              told = true;
                                              if (response.ok()) got = *response;
                                            });
    AwaitThat([&] { return told; }, kFindsTheLeader, "that a get is answered");
    const auto& values = facts_.now().values();
    const bool right = got.outcome() == EXECUTED && got.found() && got.value() == values.at(key);
    stage_.Require(kLinearizable, right,
                   fmt::format("The leader has the value \"{}\"; the user is told \"{}\".",
                               values.at(key), got.value()));
  }

  /// A stranger opens a session, and that of the client expires.
  void ExpireSession() {
    stage_.Step("A stranger opens a session, and that of client 101 expires.");
    Command command;
    command.mutable_open_session();
    Decide(command);
  }

 private:
  const Effect& Decide(const Command& command) {
    facts_.Applied(1, facts_.last() + 1, command.SerializeAsString(), "");
    return facts_.EffectAt(facts_.last());
  }

  template <class Response>
  Response NotLeader() const {
    Response response;
    response.set_outcome(NOT_LEADER);
    response.set_leader_hint(known_ ? leader_ : 0);
    return response;
  }

  void Play(Puppet& puppet) {
    const NodeId id = puppet.id();
    puppet.Always<OpenSessionRequest, OpenSessionResponse>(
        quorum::kv::kOpenSession, [this, id](const OpenSessionRequest& request) {
          if (id != leader_) return std::optional(NotLeader<OpenSessionResponse>());
          OpenSessionResponse response;
          Command command;
          *command.mutable_open_session() = request;
          Decide(command);
          ++sessions_;
          session_ = facts_.last();
          response.set_outcome(EXECUTED);
          response.set_session(session_);
          return std::optional(response);
        });
    puppet.Always<WriteRequest, WriteResponse>(quorum::kv::kWrite,
                                               [this, id](const WriteRequest& request) {
                                                 if (id != leader_)
                                                   return std::optional(NotLeader<WriteResponse>());
                                                 return AnswerWrite(request);
                                               });
    puppet.Always<GetRequest, GetResponse>(quorum::kv::kGet, [this, id](const GetRequest& request) {
      if (id != leader_) return std::optional(NotLeader<GetResponse>());
      GetResponse response;
      const auto value = facts_.now().values().find(request.key());
      response.set_outcome(EXECUTED);
      response.set_found(value != facts_.now().values().end());
      if (response.found()) response.set_value(value->second);
      return std::optional(response);
    });
  }

  std::optional<WriteResponse> AnswerWrite(const WriteRequest& request) {
    ++asked_;
    Mode mode = mode_;
    if (mode == Mode::kChance) mode = static_cast<Mode>(stage_.random().Below(4));
    if (mode == Mode::kLost) return std::nullopt;
    WriteResponse response;
    response.set_outcome(UNKNOWN);
    if (mode == Mode::kUnknown && stage_.random().Below(2) == 0) return response;
    Command command;
    *command.mutable_write() = request;
    const Effect& effect = Decide(command);
    if (effect.repeated) stage_.Observe(kClientAskedAgain);
    if (mode == Mode::kSilent) return std::nullopt;
    return mode == Mode::kUnknown ? response : effect.response;
  }

  Stage& stage_;
  Facts facts_;
  Watch watch_;
  std::vector<std::unique_ptr<Puppet>> puppets_;
  Mode mode_ = Mode::kAnswer;
  NodeId leader_ = 2;
  bool known_ = true;
  int asked_ = 0;
  std::uint64_t session_ = 0;  // the last one that was opened for the client
  int sessions_ = 0;
};

using Mode = ClientLens::Mode;

void ShowOneByOne(Stage& stage, ClientLens& lens) {
  lens.WriteWell(Append("a", "1;"));
  stage.Step("The answer to a write is lost, and another server comes to lead.");
  lens.Follow(Mode::kSilent);
  const auto told = lens.Write(Append("a", "2;"));
  lens.AwaitAsked("that the leader is asked to append 2");
  lens.MoveLeader(true);
  lens.AwaitAsked("that the next leader is asked to append 2");
  lens.MoveLeader(false);
  lens.Follow(Mode::kUnknown);
  for (int time = 0; time < 3; ++time) lens.AwaitAsked("that the leader is asked once more");
  lens.Follow(Mode::kAnswer);
  lens.AwaitThat([&] { return told->done; }, kProgress, "that the user is told of the append");
  lens.MoveLeader(false);
  lens.ReadWell("a");
}

void ShowManyAtOnce(Stage& stage, ClientLens& lens, int round) {
  stage.Step("The user asks for 80 writes at once; messages are lost, and outcomes are not known.");
  lens.Follow(Mode::kChance);
  std::vector<std::shared_ptr<Told>> all;
  for (int number = 0; number < 80; ++number) {
    const std::string key = fmt::format("key{}", stage.random().Below(3));
    const std::string value = fmt::format("{}.{};", round, number);
    all.push_back(
        lens.Write(number % 5 == 4 ? Swap(key, std::nullopt, value) : Append(key, value)));
  }
  lens.world().RunFor(kSecond);
  lens.MoveLeader(true);
  lens.world().RunFor(kSecond);
  lens.Follow(Mode::kAnswer);
  const auto all_told = [&] {
    return std::ranges::all_of(all, [](const auto& told) { return told->done; });
  };
  lens.AwaitThat(all_told, kProgress, "that the user is told of all writes");
}

void ShowExpiry(Stage& stage, ClientLens& lens) {
  lens.Follow(Mode::kSilent);
  const auto told = lens.Write(Append("b", "1;"));
  lens.AwaitAsked("that the leader is asked to append to \"b\"");
  lens.ExpireSession();
  lens.Follow(Mode::kAnswer);
  lens.AwaitThat([&] { return told->done; }, kProgress, "that the user is told of the expired one");
  stage.Require(kExactOutcomes, absl::IsAborted(told->status),
                fmt::format("The session of a write has expired, and nobody knows any more whether "
                            "it was executed. The user is told: {}.",
                            told->status.ToString()));
  stage.Observe(kGaveUp);
  const int before = lens.sessions();
  lens.WriteWell(Append("b", "2;"));
  stage.Require(kNewSession, lens.sessions() > before,
                "The session has expired; the next write was asked for without a new one.");
}

void ShowRestart(Stage& stage, ClientLens& lens) {
  lens.Follow(Mode::kSilent);
  lens.Write(Append("c", "1;"));
  lens.AwaitAsked("that the leader is asked to append to \"c\"");
  stage.Step("Client 101 dies with a write under way, and restarts.");
  lens.world().Crash(kFirstClient, stage.random().Below(2) == 0);
  lens.world().Boot(kFirstClient);
  lens.Follow(Mode::kAnswer);
  const int before = lens.sessions();
  lens.WriteWell(Append("c", "2;"));
  stage.Require(kNewSession, lens.sessions() > before,
                "The client has restarted; the next write was asked for without a new session.");
}

void PlayClientAlone(Stage& stage) {
  ClientLens lens(stage);
  ShowOneByOne(stage, lens);
  ShowManyAtOnce(stage, lens, 1);
  ShowExpiry(stage, lens);
  ShowRestart(stage, lens);
  ShowManyAtOnce(stage, lens, 2);
}

}  // namespace

std::vector<Scenario> ClientMicroscopes() {
  return {{.lab = "raft",
           .part = "3G",
           .name = "ClientAlone",
           .story = "One client, without your servers: the test plays three of them and the "
                    "client's user. Answers are lost, leaders change, a session expires, and the "
                    "client restarts.",
           .points = 1,
           .seeds = 20,
           .must_observe = {kClientAskedAgain, kGaveUp},
           .play = PlayClientAlone}};
}

}  // namespace quorum::grader::kv
