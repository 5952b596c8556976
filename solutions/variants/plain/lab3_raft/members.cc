// Who takes part: section 6. The configuration is looked for in the log whenever that changes, and
// new servers are sent the log before anything about them is in it.
#include "plain_raft.h"

namespace quorum::raft {
namespace {

using namespace std::chrono_literals;

constexpr Duration kGiveUp = 3s;

using Ids = google::protobuf::RepeatedField<std::uint32_t>;

bool Has(const Ids& ids, NodeId id) { return std::find(ids.begin(), ids.end(), id) != ids.end(); }

bool Most(const Ids& ids, const std::function<bool(NodeId)>& yes) {
  return std::count_if(ids.begin(), ids.end(), yes) > ids.size() / 2;
}

Ids Sorted(Ids ids) {
  std::sort(ids.begin(), ids.end());
  return ids;
}

bool Same(const Ids& one, const Ids& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end());
}

}  // namespace

Configuration PlainRaft::ConfigurationAt(LogIndex index) const {
  for (auto at = log_.upper_bound(index); at != log_.begin();) {
    if ((--at)->second.has_configuration()) return at->second.configuration();
  }
  if (snapshot_.has_configuration()) return snapshot_.configuration();
  Configuration first;
  *first.mutable_voters() = config_.peers();
  return first;
}

/// Any configuration that may come to be the last one counts, also C_old,new between two others.
bool PlainRaft::MayStand() const {
  if (Votes(ConfigurationAt(commit_), config_.self())) return true;
  return std::any_of(log_.upper_bound(commit_), log_.end(), [this](const auto& at) {
    return at.second.has_configuration() && Votes(at.second.configuration(), config_.self());
  });
}

void PlainRaft::FindConfiguration() {
  now_ = ConfigurationAt(last());
  now_at_ = base();
  for (const auto& [index, entry] : log_) {
    if (entry.has_configuration()) now_at_ = index;
  }
}

bool PlainRaft::Votes(const Configuration& configuration, NodeId id) {
  return Has(configuration.voters(), id) || Has(configuration.new_voters(), id);
}

bool PlainRaft::Enough(const std::function<bool(NodeId)>& yes) const {
  const bool joint = now_.new_voters_size() > 0;
  return Most(now_.voters(), yes) && (!joint || Most(now_.new_voters(), yes));
}

std::set<NodeId> PlainRaft::OtherVoters() const {
  std::set<NodeId> voters(now_.voters().begin(), now_.voters().end());
  voters.insert(now_.new_voters().begin(), now_.new_voters().end());
  voters.erase(config_.self());
  return voters;
}

/// Whom a leader sends its log: the members, and those that shall become voters.
void PlainRaft::ChoosePeers() {
  std::set<NodeId> wanted = OtherVoters();
  wanted.insert(now_.learners().begin(), now_.learners().end());
  if (change_) wanted.insert(change_->to.voters().begin(), change_->to.voters().end());
  wanted.erase(config_.self());
  std::erase_if(peers_, [&](const auto& peer) { return !wanted.contains(peer.first); });
  for (const NodeId id : wanted) {
    const auto [peer, fresh] = peers_.try_emplace(id);
    if (fresh) peer->second.next = last() + 1;
  }
}

void PlainRaft::StartChange(const ChangeMembershipRequest& request,
                            Responder<ChangeMembershipResponse> responder) {
  ChangeMembershipResponse response;
  response.set_outcome(ChangeMembershipResponse::REFUSED);
  std::set<NodeId> all(request.voters().begin(), request.voters().end());
  all.insert(request.learners().begin(), request.learners().end());
  const auto named = static_cast<std::size_t>(request.voters_size() + request.learners_size());
  if (!leads_) {
    response.set_outcome(ChangeMembershipResponse::NOT_LEADER);
    response.set_reason("Another server may lead.");
    response.set_leader_hint(leader_);
  } else if (change_ || !announced_ || now_at_ > commit_ || now_.new_voters_size() > 0) {
    response.set_reason("One change at a time: the last one is not complete.");
  } else if (request.voters().empty() || all.size() < named || all.contains(0)) {
    response.set_reason("Name at least one voter, and nobody twice.");
  } else {
    change_.emplace(Change{{}, last(), env_.Now() + kGiveUp, std::move(responder)});
    *change_->to.mutable_voters() = Sorted(request.voters());
    *change_->to.mutable_learners() = Sorted(request.learners());
    ChoosePeers();
    SendToAll();
    return GoOnChange();
  }
  responder.Reply(response);
}

/// Takes the next step, if it is time for one; called whenever something may be committed.
void PlainRaft::GoOnChange() {
  if (!leads_ || applying_ || now_at_ > commit_) return;
  Configuration next = now_;
  if (now_.new_voters_size() > 0) {
    *next.mutable_voters() = now_.new_voters();
    next.clear_new_voters();
    return AddConfiguration(next);
  }
  if (change_) {
    const Configuration& to = change_->to;
    const bool same_voters = Same(now_.voters(), to.voters());
    if (same_voters && Same(now_.learners(), to.learners()) && now_at_ > change_->goal) {
      EndChange(ChangeMembershipResponse::CHANGED, "");
    } else {
      if (!CaughtUp()) return;
      *next.mutable_learners() = to.learners();
      if (!same_voters) *next.mutable_new_voters() = to.voters();
      return AddConfiguration(next);
    }
  }
  if (!Votes(now_, config_.self())) StepDown(0);
}

bool PlainRaft::CaughtUp() {
  for (const NodeId id : change_->to.voters()) {
    if (Votes(now_, id) || id == config_.self()) continue;
    if (peers_.at(id).match >= change_->goal) continue;
    if (env_.Now() > change_->until) {
      EndChange(ChangeMembershipResponse::REFUSED, "A new server does not catch up.");
      ChoosePeers();
    }
    return false;
  }
  return true;
}

void PlainRaft::AddConfiguration(const Configuration& configuration) {
  Entry entry;
  *entry.mutable_configuration() = configuration;
  Add(std::move(entry), {});
}

void PlainRaft::EndChange(ChangeMembershipResponse::Outcome outcome, const char* reason) {
  if (!change_) return;
  ChangeMembershipResponse response;
  response.set_outcome(outcome);
  response.set_reason(reason);
  change_->responder.Reply(response);
  change_.reset();
}

}  // namespace quorum::raft
