// Crowds of users, and what a machine room does to them.

#include <algorithm>
#include <map>

#include "grader/scenarios/kv/crowd.h"
#include "grader/scenarios/kv/kv_scenarios.h"
#include "grader/scenarios/kv/raft_kv_room.h"

namespace quorum::grader::kv {
namespace {

using faults::Profile;

constexpr char kAskedAgain[] = "a client asked again for a write that was executed";
constexpr char kOutOfOrder[] = "a write was answered after a later one of its session";
constexpr char kEarlierBoot[] = "a write was answered that a client had asked for before it died";

void PlayCalm(Stage& stage) {
  RaftKvRoom room(stage, {.servers = DrawServers(stage), .clients = 3});
  Crowd crowd(room, {.operations = 15});
  crowd.Begin();
  room.HealAndJudge([&] { return crowd.done(); });
}

/// Notices what the sweeps exist for.
class Witness final : public Rule {
 public:
  Witness(KvRoom& room) : Rule(room.world(), {}, room.facts()), room_(room) {}

  void Asks(NodeId client, const WriteRequest& request) override {
    const Number number = NumberOf(request.id());
    if (facts().ExecutionOf(number) != nullptr) room_.stage().Observe(kAskedAgain);
    if (client < kFirstClient) return;
    latest_[client] = std::max(latest_[client], number.first);
    client_of_[number.first] = client;
  }
  void Answers(NodeId server, const WriteRequest& request, const WriteResponse& response) override {
    const Number number = NumberOf(request.id());
    const Facts::Execution* execution = facts().ExecutionOf(number);
    if (execution == nullptr) return;
    std::uint64_t& highest = highest_[number.first];
    if (highest > number.second) room_.stage().Observe(kOutOfOrder);
    highest = std::max(highest, number.second);
    if (number.first < latest_[client_of_[number.first]]) room_.stage().Observe(kEarlierBoot);
  }

 private:
  KvRoom& room_;
  std::map<NodeId, std::uint64_t> latest_;          // the client's last session
  std::map<std::uint64_t, NodeId> client_of_;       // by session
  std::map<std::uint64_t, std::uint64_t> highest_;  // the highest write that is answered
};

void PlayPipelines(Stage& stage) {
  RaftKvRoom room(stage, {.servers = 3, .clients = 2, .snapshot_every = 12});
  Witness witness(room);
  room.Add(witness);
  Crowd crowd(room, {.operations = 5, .users = 8, .longest_pause = 30 * kMillisecond});
  room.AwaitLeader();
  crowd.Begin();
  room.LetThingsGoWrongFor(kSecond);
  room.HealAndJudge([&] { return crowd.done(); });
}

void PlayRestartedClients(Stage& stage) {
  RaftKvRoom room(stage, {.servers = 3, .clients = 2, .snapshot_every = 12});
  Witness witness(room);
  room.Add(witness);
  Crowd crowd(room, {.operations = 10, .users = 4, .longest_pause = 60 * kMillisecond});
  room.AwaitLeader();
  crowd.Begin();
  for (int time = 0; time < 6; ++time) {
    const NodeId client = room.client(static_cast<int>(stage.random().Below(2)));
    room.world().At(room.world().now() + stage.random().Between(50, 900) * kMillisecond,
                    [&room, client] {
                      room.world().Crash(client, false);
                      room.world().Boot(client);
                    });
  }
  stage.Step("Clients die and restart six times.");
  room.LetThingsGoWrongFor(kSecond);
  room.HealAndJudge([&] { return crowd.done(); });
}

void PlayWithFaults(Stage& stage) {
  RaftKvRoom room(stage, {.servers = DrawServers(stage), .clients = 3, .snapshot_every = 12});
  Witness witness(room);
  room.Add(witness);
  Crowd crowd(room, {.operations = 10, .users = 2});
  crowd.Begin();
  room.LetThingsGoWrongFor(2 * kSecond);
  room.HealAndJudge([&] { return crowd.done(); });
}

}  // namespace

std::vector<Scenario> Sweeps() {
  return {
      {.lab = "raft",
       .part = "3G",
       .name = "CalmStore",
       .story = "Three clients write and read a few keys. Nothing goes wrong.",
       .points = 1,
       .play = PlayCalm},
      {.lab = "raft",
       .part = "3G",
       .name = "PipelinedClients",
       .story =
           "Clients with eight users each, so that several writes of one session are under way "
           "at a time. Messages are dropped, repeated, reordered and delayed for long.",
       .points = 1,
       .seeds = 200,
       .profile = Profile::kLossy,
       .must_observe = {kAskedAgain, kOutOfOrder},
       .play = PlayPipelines},
      {.lab = "raft",
       .part = "3G",
       .name = "RestartedClients",
       .story = "The same while clients die with writes under way, and restart.",
       .points = 1,
       .seeds = 100,
       .profile = Profile::kLossy,
       .must_observe = {kAskedAgain, kEarlierBoot},
       .play = PlayRestartedClients},
      {.lab = "raft",
       .part = "3G",
       .name = "StoreWhateverHappens",
       .story = "All faults of the machine room at once, those of clients included, while users "
                "write and read a few keys.",
       .points = 1,
       .seeds = 200,
       .profile = Profile::kEverything,
       .must_observe = {kAskedAgain},
       .play = PlayWithFaults},
  };
}

}  // namespace quorum::grader::kv
