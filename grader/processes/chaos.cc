#include "grader/processes/chaos.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

namespace quorum::grader {
namespace {

using namespace std::chrono_literals;

constexpr int kSome = 20;  ///< operations that must go on under a fault
constexpr int kFew = 8;    ///< and after it

std::set<NodeId> Without(std::set<NodeId> nodes, const std::set<NodeId>& others) {
  std::erase_if(nodes, [&](NodeId node) { return others.contains(node); });
  return nodes;
}

}  // namespace

std::vector<Episode> AllEpisodes() {
  return {Episode::kKilledLeader, Episode::kSlowLinks,    Episode::kStoppedLeader,
          Episode::kRestartStorm, Episode::kCutOffLeader, Episode::kOneWayCuts,
          Episode::kFullDisks,    Episode::kPowerFailure, Episode::kHangingDisks};
}

const char* NameOf(Episode episode) {
  static constexpr const char* kNames[] = {"killed leader",  "stopped leader", "cut-off leader",
                                           "one-way cuts",   "slow links",     "full disks",
                                           "power failure",  "hanging disks",  "restart storm",
                                           "stopped client", "damaged replica"};
  return kNames[static_cast<std::size_t>(episode)];
}

Chaos::Chaos(Service service, testing::ProcessesPlan plan, int clients, std::set<NodeId> spare)
    : service_(service),
      nodes_(std::move(plan)),
      spare_(std::move(spare)),
      members_(Without(nodes_.nodes(), spare_)),
      crowd_(service, (StartMembers(), nodes_.addresses()), clients) {
  MustExecute(kSome, "before anything has happened");
}

void Chaos::StartMembers() {
  for (const NodeId node : members_) nodes_.Start(node);
}

void Chaos::Play(Episode episode) {
  if (!complaints_.empty()) return;
  switch (episode) {
    case Episode::kKilledLeader:
      return KilledLeader();
    case Episode::kStoppedLeader:
      return StoppedLeader();
    case Episode::kCutOffLeader:
      return CutOffLeader();
    case Episode::kOneWayCuts:
      return OneWayCuts();
    case Episode::kSlowLinks:
      return SlowLinks();
    case Episode::kFullDisks:
      return FullDisks();
    case Episode::kPowerFailure:
      return PowerFailure();
    case Episode::kHangingDisks:
      return HangingDisks();
    case Episode::kRestartStorm:
      return RestartStorm();
    case Episode::kStoppedClient:
      return StoppedClient();
    case Episode::kDamagedReplica:
      return DamagedReplica();
  }
}

void Chaos::KilledLeader() {
  const NodeId leader = Leader();
  if (leader == 0) return;
  nodes_.Kill(leader);
  MustExecute(kSome, "after kill -9 of the leader");
  nodes_.Start(leader);
  MustExecute(kFew, "after a killed node has come back");
}

void Chaos::StoppedLeader() {
  const NodeId leader = Leader();
  if (leader == 0) return;
  nodes_.Stop(leader);
  MustExecute(kSome, "after SIGSTOP of the leader");
  nodes_.Continue(leader);
  MustExecute(kFew, "after a stopped leader has woken up");
}

void Chaos::CutOffLeader() {
  const NodeId leader = Leader();
  if (leader == 0) return;
  crowd_.client(0).StayAt(leader);
  nodes_.Isolate(leader);
  MustExecute(kSome, "when the leader is cut off");
  // Now the others know more than it does; among five requests is a read.
  Expect(crowd_.AwaitAttempts(0, 5), "A client of a leader that is cut off hears of nothing.");
  nodes_.HealLinks();
  crowd_.client(0).StayAt(0);
  MustExecute(kFew, "after a leader that was cut off has come back");
}

void Chaos::OneWayCuts() {
  const NodeId silent = Leader();
  if (silent == 0) return;
  for (const NodeId other : members_) {
    if (other != silent) nodes_.CutOneWay(silent, other);
  }
  MustExecute(kSome, "when the leader is not heard");
  nodes_.HealLinks();
  const NodeId deaf = Leader();
  if (deaf == 0) return;
  for (const NodeId other : members_) {
    if (other != deaf) nodes_.CutOneWay(other, deaf);
  }
  // Its heartbeats keep the others quiet, so nothing need be executed. Whoever asks again asks this
  // leader, whose log then has the same write twice.
  Expect(crowd_.AwaitAttemptsOfEach(6), "Clients of a leader that hears nothing wait for ever.");
  nodes_.HealLinks();
  MustExecute(kFew, "after links were cut one way");
}

void Chaos::SlowLinks() {
  nodes_.Delay(25ms);
  MustExecute(kSome, "when links take 25 ms");
  nodes_.HealLinks();
  MustExecute(kFew, "when links are fast again");
}

void Chaos::FullDisks() {
  for (const auto space : {testing::DiskControl::kFull, testing::DiskControl::kQuota}) {
    const NodeId leader = Leader();
    if (leader == 0) return;
    nodes_.disk(leader).SetSpace(space);
    MustExecute(kSome, "when the leader's disk is full");
    nodes_.disk(leader).SetSpace(testing::DiskControl::kRoom);
    MustExecute(kFew, "when there is room on all disks");
  }
}

void Chaos::PowerFailure() {
  nodes_.LosePower(members_);
  StartMembers();
  MustExecute(kFew, "after a power failure");
}

void Chaos::HangingDisks() {
  const NodeId leader = Leader();
  if (leader == 0) return;
  const std::set<NodeId> others = Without(members_, {leader});
  for (const NodeId node : others) nodes_.disk(node).SetHanging(true);
  // Nothing can be durable at a majority any more: whoever says so loses it now.
  Expect(crowd_.AwaitAttemptsOfEach(3), "Clients of nodes whose disks hang wait for ever.");
  nodes_.LosePower(members_);
  for (const NodeId node : others) nodes_.Start(node);
  MustExecute(kSome, "after a power failure, without the leader of before");
  nodes_.Start(leader);
  MustExecute(kFew, "after the leader of before has come back");
}

void Chaos::RestartStorm() {
  for (const NodeId node : members_) {
    nodes_.Kill(node);
    nodes_.Start(node);
  }
  MustExecute(kSome, "after all were restarted in turn");
}

check::CheckResult Chaos::End() {
  if (complaints_.empty()) {
    Expect(crowd_.Finish(), "In the end a client is not answered for a minute.");
    Expect(crowd_.AwaitAgreement(), "In the end the nodes do not apply the same entries.");
  }
  check::History history = crowd_.History();
  std::vector<Acquisition> acquisitions = crowd_.Acquisitions();
  if (apart_ != nullptr) {
    ClientProcess::Told told = apart_->End();
    Expect(told.answered, "In the end the client that was stopped is not answered for a minute.");
    history.insert(history.end(), told.history.begin(), told.history.end());
    std::ranges::stable_sort(history, {}, &check::Operation::call);
    acquisitions.insert(acquisitions.end(), told.acquisitions.begin(), told.acquisitions.end());
  }
  CountWords(history);
  for (const std::string& wrong : CheckFencing(acquisitions)) complaints_.push_back(wrong);
  return check::CheckHistory(history, check::Model::kKv);
}

void Chaos::CountWords(const check::History& history) {
  // The last read, of whoever began to read last.
  const auto last = std::find_if(history.rbegin(), history.rend(), [](const auto& operation) {
    return operation.result.has_value();
  });
  if (last == history.rend()) return;
  std::map<std::string, int> times;
  std::istringstream words(*last->result);
  for (std::string word; words >> word;) ++times[word + " "];
  for (const check::Operation& operation : history) {
    if (operation.op != check::OpKind::kAppend) continue;
    const int count = times[operation.value];
    const bool right = operation.ret ? count == 1 : count <= 1;
    Expect(right, "A word that was appended once" + std::string(operation.ret ? "" : ", perhaps,") +
                      " is there " + std::to_string(count) + " times.");
  }
}

NodeId Chaos::Leader() {
  const NodeId leader = crowd_.AwaitLeader();
  Expect(leader != 0, "For two minutes nobody leads.");
  return leader;
}

void Chaos::MustExecute(int operations, const char* when) {
  if (!complaints_.empty()) return;
  Expect(crowd_.AwaitExecuted(operations),
         std::string("Nothing is executed for two minutes ") + when + ".");
}

void Chaos::Expect(bool holds, const std::string& otherwise) {
  if (!holds) complaints_.push_back(otherwise);
}

bool ShowsIn(Episode episode, const std::function<Chaos()>& start) {
  constexpr int kPlays = 4;
  bool found = false;
  for (int play = 0; play < kPlays && !found; ++play) {
    Chaos chaos = start();
    chaos.Play(episode);
    found = chaos.End().verdict == check::Verdict::kNotLinearizable;
  }
  return found;
}

}  // namespace quorum::grader
