#include "labs/lab2_paxos/leader.h"

#include <algorithm>
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab2_paxos/paxos.h"

namespace quorum::paxos {
namespace {

using namespace std::chrono_literals;

constexpr Duration kHeartbeat = 50ms;
constexpr Duration kCallTimeout = 200ms;
// What nobody has answered for this long is sent again.
constexpr Duration kRepeatAfter = 75ms;
// A leader that hears from no quorum for this long cannot decide anything: it makes room.
constexpr Duration kSilence = 500ms;
// And so does one that cannot find what was decided before it.
constexpr Duration kSlowestStart = 3s;
constexpr std::size_t kMostUndecided = 1000;
constexpr std::size_t kMostInOneMessage = 64;

}  // namespace

Leader::Leader(Env& env, const NodeConfig& config, LogStore& store, const Ballot& ballot,
               LeaderHost& host)
    : env_(env), config_(config), store_(store), ballot_(ballot), host_(host), began_(env.Now()) {
  for (const NodeId peer : config_.peers()) {
    if (peer != config_.self()) followers_[peer].heard = began_;
  }
}

void Leader::Begin(LogIndex decided, const std::vector<Entry>& inherited) {
  // [solution: Propose again what may be decided, then a no-op of your own (handout 2C, step 4).]
  decided_ = decided;
  std::vector<Entry> entries = inherited;
  first_own_ = decided + inherited.size() + 1;
  next_ = first_own_ + 1;
  Entry& own = entries.emplace_back();
  own.set_index(first_own_);
  own.set_no_op(true);
  tick_ = env_.After(kHeartbeat, [this] { Tick(); });
  for (std::size_t at = 0; at < entries.size(); at += kMostInOneMessage) {
    const std::size_t end = std::min(entries.size(), at + kMostInOneMessage);
    if (!ProposeAll({entries.begin() + static_cast<std::ptrdiff_t>(at),
                     entries.begin() + static_cast<std::ptrdiff_t>(end)})) {
      return;
    }
  }
  // [end]
}

bool Leader::Propose(std::string_view command) {
  // [solution: Propose the command in the next slot (handout 2C, step 5).]
  if (slots_.size() >= kMostUndecided) return false;
  Entry entry;
  entry.set_index(next_++);
  entry.set_command(std::string(command));
  return ProposeAll({entry});
  // [end]
}

bool Leader::ProposeAll(const std::vector<Entry>& entries) {
  // [solution: Accept the entries yourself, and send them to every follower (handout 2C, step 5).]
  const auto alive = shared_from_this();
  google::protobuf::RepeatedPtrField<Entry> accepted(entries.begin(), entries.end());
  std::vector<LogIndex> slots;
  for (const Entry& entry : entries) {
    slots.push_back(entry.index());
    slots_[entry.index()].sent = env_.Now();
  }
  if (!store_.Accept(ballot_, accepted).ok()) {
    host_.OnHelpless();
    return false;
  }
  for (const auto& [peer, follower] : followers_) Send(peer, slots);
  Count(config_.self(), slots);
  return true;
  // [end]
}

void Leader::Send(NodeId peer, const std::vector<LogIndex>& slots) {
  // [solution: Send these slots, or a heartbeat, with the commit index (handout 2C, step 5).]
  AcceptEntriesRequest request;
  *request.mutable_ballot() = ballot_;
  request.set_committed(std::min(decided_, store_.committed()));
  for (const LogIndex index : slots) {
    Entry& entry = *request.add_entries();
    entry = *store_.Find(index);
    entry.clear_ballot();
  }
  const std::uint64_t number = ++sent_;
  env_.Call(peer, kAcceptEntries, request, kCallTimeout,
            [weak = weak_from_this(), peer, number,
             slots](const absl::StatusOr<AcceptEntriesResponse>& response) {
              const auto leader = weak.lock();
              if (leader && response.ok()) leader->OnAnswer(peer, number, slots, *response);
            });
  // [end]
}

void Leader::OnAnswer(NodeId peer, std::uint64_t number, const std::vector<LogIndex>& slots,
                      const AcceptEntriesResponse& response) {
  // [solution: Give up if the follower has promised more; otherwise count (handout 2C, steps 5
  // and 8).]
  if (!response.accepted()) return host_.OnOutvoted(response.ballot());
  Follower& follower = followers_[peer];
  follower.answered = std::max(follower.answered, number);
  follower.heard = env_.Now();
  Count(peer, slots);
  SettleConfirmations();
  // [end]
}

void Leader::Count(NodeId from, const std::vector<LogIndex>& slots) {
  // [solution: Count who has accepted which slot, and tell what is decided (handout 2C, step 5).]
  for (const LogIndex index : slots) {
    if (const auto slot = slots_.find(index); slot != slots_.end()) {
      slot->second.accepted.insert(from);
    }
  }
  const LogIndex before = decided_;
  for (auto slot = slots_.begin(); slot != slots_.end() && slot->first == decided_ + 1;
       slot = slots_.erase(slot)) {
    if (slot->second.accepted.size() < QuorumOf(config_)) break;
    ++decided_;
  }
  if (decided_ > before) host_.OnDecided(decided_);
  // [end]
}

void Leader::Tick() {
  // [solution: Repeat what is unanswered; step down when no quorum answers (handout 2C, steps 4,
  // 8).]
  const auto alive = shared_from_this();
  const Time now = env_.Now();
  const bool stuck = store_.committed() < first_own_ && now - began_ > kSlowestStart;
  if (stuck || !HearsQuorum()) return host_.OnHelpless();
  tick_ = env_.After(kHeartbeat, [this] { Tick(); });
  for (const auto& [peer, follower] : followers_) {
    std::vector<LogIndex> unanswered;
    for (const auto& [index, slot] : slots_) {
      if (slot.accepted.contains(peer) || now - slot.sent < kRepeatAfter) continue;
      unanswered.push_back(index);
      if (unanswered.size() == kMostInOneMessage) break;
    }
    Send(peer, unanswered);
  }
  // [end]
}

bool Leader::HearsQuorum() const {
  // [solution: Say whether a quorum, you included, has answered lately (handout 2C, step 8).]
  std::size_t heard = 1;
  for (const auto& [peer, follower] : followers_) {
    if (env_.Now() - follower.heard <= kSilence) ++heard;
  }
  return heard >= QuorumOf(config_);
  // [end]
}

void Leader::Confirm(absl::AnyInvocable<void(const absl::Status&)> done) {
  // [solution: Ask everyone whether you still lead (handout 2C, step 7).]
  waiting_.push_back({sent_, std::move(done)});
  for (const auto& [peer, follower] : followers_) Send(peer, {});
  SettleConfirmations();
  // [end]
}

void Leader::SettleConfirmations() {
  // [solution: Count answers to what was sent after somebody asked (handout 2C, step 7).]
  const auto confirmed = [this](const Waiting& waiting) {
    std::size_t answered = 1;
    for (const auto& [peer, follower] : followers_) {
      if (follower.answered > waiting.after) ++answered;
    }
    return answered >= QuorumOf(config_);
  };
  std::vector<Waiting> settled;
  while (!waiting_.empty() && confirmed(waiting_.front())) {
    settled.push_back(std::move(waiting_.front()));
    waiting_.erase(waiting_.begin());
  }
  for (Waiting& waiting : settled) waiting.done(absl::OkStatus());
  // [end]
}

void Leader::End() {
  // [solution: Whoever waits for a confirmation will not get it (handout 2C, step 8).]
  std::vector<Waiting> unsettled = std::exchange(waiting_, {});
  for (Waiting& waiting : unsettled) {
    waiting.done(absl::UnavailableError("This node leads no more."));
  }
  // [end]
}

}  // namespace quorum::paxos
