#include "grader/scenarios/echo/echo_scenarios.h"

#include <fmt/format.h>

#include "common/env/check.h"
#include "grader/scenarios/echo/echo_invariants.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader {
namespace {

using faults::Profile;
using quorum::echo::kSay;
using quorum::echo::kServer;
using quorum::echo::SayRequest;
using quorum::echo::SayResponse;
using sim::SimTime;

constexpr NodeId kFirstClient = 101;

constexpr Statement kProgress = {
    "echo.progress", "Once the faults have stopped, every client that waits is answered.",
    "lab 0, \"The contract\""};

constexpr char kRepeated[] = "the server received a request again that it had executed";
constexpr char kServerDied[] = "the server died while a client was waiting";
constexpr char kClientDied[] = "a client died while it was waiting";
constexpr char kDiskRefused[] = "a write failed because the disk was full";

/// Notices what the scenarios exist for.
class Witness final : public sim::Monitor {
 public:
  explicit Witness(Stage& stage) : stage_(stage) {}

  void OnDeliver(const sim::Message& message, std::string_view path) override {
    if (message.is_response || path != quorum::echo::kEcho.path) return;
    quorum::echo::EchoRequest request;
    request.ParseFromString(message.payload);
    if (!seen_.insert(request.id().SerializeAsString()).second) stage_.Observe(kRepeated);
  }
  void OnInvoke(NodeId, std::uint64_t, std::string_view, std::string_view) override { ++waiting_; }
  void OnReturn(NodeId, std::uint64_t, std::string_view, const absl::Status&,
                std::string_view) override {
    --waiting_;
  }
  void OnCrash(NodeId node, const sim::Disk&) override {
    if (waiting_ > 0) stage_.Observe(node == kServer ? kServerDied : kClientDied);
  }

 private:
  Stage& stage_;
  std::set<std::string> seen_;
  int waiting_ = 0;
};

/// A room with one server and some clients, each of which says one thing after the other.
class EchoRoom {
 public:
  EchoRoom(Stage& stage, int clients)
      : stage_(stage), witness_(stage), same_answer_(stage.Watch<echo::SameAnswer>()) {
    stage_.Watch<echo::AtMostOnce>();
    stage_.Watch<echo::DurableBeforeReply>();
    stage_.world().Watch(witness_);
    AddNode("echo.server", kServer);
    for (int client = 0; client < clients; ++client) {
      AddNode("echo.client", kFirstClient + static_cast<NodeId>(client));
    }
    stage_.Step(fmt::format("One server (node {}) and {} clients (nodes {} and up) boot.", kServer,
                            clients, kFirstClient));
    clients_ = clients;
  }

  /// Every client says `words` things.
  void EveryoneSays(int words) {
    const auto& ops = stage_.Ops([&](sim::Rng& random, auto* drawn) {
      for (int op = 0; op < words * clients_; ++op) {
        faults::ClientOp& said = *drawn->Add();
        said.set_client(static_cast<std::uint32_t>(op % clients_));
        said.set_think_ns(random.Between(0, 100) * kMillisecond);
        said.set_op("say");
        said.set_value(fmt::format("word {}", op));
      }
    });
    queues_.resize(static_cast<std::size_t>(clients_));
    for (const faults::ClientOp& op : ops) {
      Check(op.client() < queues_.size(), "An operation is one of the scenario's clients'.");
      queues_[op.client()].push_back(&op);
    }
    for (std::size_t client = 0; client < queues_.size(); ++client) SayNext(client);
    stage_.Step(
        fmt::format("The clients say {} things in all, each waiting for its answers.", ops.size()));
  }

  void LetThingsGoWrongFor(SimTime duration) {
    faults::Scope scope;
    scope.nodes = {kServer};
    for (int client = 0; client < clients_; ++client) {
      scope.clients.push_back(kFirstClient + static_cast<NodeId>(client));
    }
    scope.clients_crash = true;
    scope.duration = duration;
    stage_.StartFaults(scope);
    stage_.Step(fmt::format("Faults begin, of the profile \"{}\".", stage_.plan().profile()));
    stage_.world().RunFor(duration);
  }

  void HealAndDemandAnswers() {
    stage_.Heal();
    stage_.Step("The faults stop: every process runs, every link works.");
    const bool all_done = stage_.world().RunUntil([this] { return AllAnswered(); }, 30 * kSecond);
    stage_.Require(kProgress, all_done,
                   fmt::format("30 simulated seconds later {} of the operations are still without "
                               "an answer.",
                               Unanswered()));
  }

 private:
  void AddNode(std::string_view role, NodeId id) {
    NodeConfig config;
    config.set_self(id);
    config.add_peers(kServer);
    stage_.AddNode(role, config);
  }

  void SayNext(std::size_t client) {
    std::deque<const faults::ClientOp*>& queue = queues_[client];
    if (queue.empty()) return;
    const faults::ClientOp& op = *queue.front();
    sim::World& world = stage_.world();
    world.At(world.now() + op.think_ns(), [this, client, &op] { Say(client, op); });
  }

  void Say(std::size_t client, const faults::ClientOp& op) {
    SayRequest request;
    request.set_text(op.value());
    const NodeId node = kFirstClient + static_cast<NodeId>(client);
    stage_.world().Invoke<SayRequest, SayResponse>(
        node, kSay, request, [this, client](const absl::StatusOr<SayResponse>& response) {
          // A client that died has taken its question with it: nobody can say what became of it.
          queues_[client].pop_front();
          SayNext(client);
        });
  }

  std::size_t Unanswered() const {
    std::size_t left = 0;
    for (const auto& queue : queues_) left += queue.size();
    return left;
  }
  bool AllAnswered() const { return Unanswered() == 0; }

  Stage& stage_;
  Witness witness_;
  echo::SameAnswer& same_answer_;
  int clients_ = 0;
  std::vector<std::deque<const faults::ClientOp*>> queues_;
};

void PlayCalm(Stage& stage) {
  EchoRoom room(stage, 2);
  room.EveryoneSays(5);
  room.HealAndDemandAnswers();
}

void PlayWithFaults(Stage& stage) {
  EchoRoom room(stage, 3);
  room.EveryoneSays(20);
  room.LetThingsGoWrongFor(3 * kSecond);
  room.HealAndDemandAnswers();
}

}  // namespace

std::vector<Scenario> EchoScenarios() {
  return {
      {.lab = "echo",
       .part = "0A",
       .name = "EveryoneIsAnswered",
       .story =
           "One server, two clients and a network that works. Each client says five things, one "
           "after the other, and is answered with its own words.",
       .points = 10,
       .seeds = 5,
       .profile = Profile::kCalm,
       .play = PlayCalm},
      {.lab = "echo",
       .part = "0A",
       .name = "AtMostOnceUnderLoss",
       .story =
           "The network drops, repeats, reorders and delays messages. Clients retry until they "
           "are answered; the server must recognise each repetition.",
       .points = 30,
       .seeds = 200,
       .profile = Profile::kLossy,
       .must_observe = {kRepeated},
       .play = PlayWithFaults},
      {.lab = "echo",
       .part = "0B",
       .name = "AtMostOnceThroughCrashes",
       .story = "Server and clients die, also in the middle of a handler, and come back with what "
                "their disks have kept. A retry that reaches the server's next life is still the "
                "same request.",
       .points = 30,
       .seeds = 200,
       .profile = Profile::kCrashes,
       .must_observe = {kServerDied, kClientDied, kRepeated},
       .play = PlayWithFaults},
      {.lab = "echo",
       .part = "0B",
       .name = "AtMostOnceWhateverHappens",
       .story = "All faults of the machine room at once: loss, cuts, crashes, full and slow disks, "
                "clocks that run fast or slow.",
       .points = 30,
       .seeds = 200,
       .profile = Profile::kEverything,
       .must_observe = {kServerDied, kRepeated},
       .play = PlayWithFaults},
  };
}

}  // namespace quorum::grader
