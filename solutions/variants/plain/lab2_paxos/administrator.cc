#include "labs/lab2_paxos/administrator.h"

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "labs/lab1_hash_ring/cache.h"

namespace quorum::paxos {
namespace {

using namespace std::chrono_literals;
using hash_ring::Ring;

constexpr Duration kTick = 20ms;
constexpr Duration kCallTimeout = 250ms;
constexpr LogIndex kSnapshotAfter = 40;
constexpr char kTaken[] = "taken";

bool IsSame(const Ring& a, const Ring& b) { return a.SerializeAsString() == b.SerializeAsString(); }

/// Acts at ticks; asks all members of the last ring at once; answers from what it has applied where
/// that is enough.
class PlainAdministrator final : public Node, public StateMachine {
 public:
  PlainAdministrator(Env& env, const NodeConfig& config, ReplicatedLogFactory make_log)
      : env_(env) {
    AdministratorConfig own;
    config.lab().UnpackTo(&own);
    installed_ = own.ring();
    env_.Serve(kChangeRing, [this](const ChangeRingRequest& request, auto responder) {
      ChangeRing(request.ring(), std::move(responder));
    });
    log_ = make_log(env, config, *this);
    tick_ = env_.After(kTick, [this] { Tick(); });
  }

  std::string Apply(LogIndex index, std::string_view bytes) override {
    RingCommand command;
    command.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    applied_ = index;
    if (command.has_decide()) return Take(command.decide()) ? kTaken : "";
    const auto found = decided_.find(command.installed());
    if (found == decided_.end()) return "";  // known already
    installed_ = found->second;
    decided_.erase(decided_.begin(), std::next(found));
    return "";
  }

  std::string Snapshot() const override {
    hash_ring::RingHistory rings;
    *rings.add_rings() = installed_;
    for (const auto& [epoch, ring] : decided_) *rings.add_rings() = ring;
    return rings.SerializeAsString();
  }

  absl::Status Restore(LogIndex index, std::string_view snapshot) override {
    hash_ring::RingHistory rings;
    if (!rings.ParseFromArray(snapshot.data(), static_cast<int>(snapshot.size())) ||
        rings.rings().empty()) {
      return absl::InvalidArgumentError("This is no administrator's snapshot.");
    }
    decided_.clear();
    for (const Ring& ring : rings.rings()) decided_[ring.epoch()] = ring;
    installed_ = decided_.begin()->second;
    decided_.erase(decided_.begin());
    applied_ = discarded_ = index;
    return absl::OkStatus();
  }

  void OnLeadership(std::uint64_t epoch) override { leads_ = true; }

  void OnLeadershipLost(std::uint64_t epoch) override {
    leads_ = false;
    reported_.reset();
    for (auto& [ring, responder] : std::exchange(waiting_, {})) {
      Answer(responder, ChangeRingResponse::UNKNOWN);
    }
  }

 private:
  const Ring& Last() const { return decided_.empty() ? installed_ : decided_.rbegin()->second; }

  /// What is known of the epoch of `ring`: true, it is that ring; false, it is another one.
  std::optional<bool> IsThat(const Ring& ring) const {
    if (ring.epoch() > Last().epoch()) return std::nullopt;
    if (ring.epoch() < installed_.epoch()) return false;  // or so long ago that nobody knows
    return IsSame(ring.epoch() == installed_.epoch() ? installed_ : decided_.at(ring.epoch()),
                  ring);
  }

  bool Take(const Ring& ring) {
    if (const auto known = IsThat(ring)) return *known;
    const std::uint64_t last = Last().epoch();
    if (ring.epoch() != last + 1 || ring.previous_epoch() != last) return false;
    if (ring.members().empty()) return false;
    decided_[ring.epoch()] = ring;
    return true;
  }

  // -- Operators.

  void ChangeRing(const Ring& ring, Responder<ChangeRingResponse> responder) {
    // What an epoch is never changes: everyone who knows may say it.
    const auto known = IsThat(ring);
    if (known == false) return Answer(responder, ChangeRingResponse::REFUSED);
    if (known == true && ring.epoch() == installed_.epoch()) {
      return Answer(responder, ChangeRingResponse::INSTALLED);
    }
    if (known == true && leads_) return void(waiting_.emplace(ring.epoch(), std::move(responder)));
    RingCommand command;
    *command.mutable_decide() = ring;
    log_->Propose(command.SerializeAsString(),
                  [this, epoch = ring.epoch(),
                   responder = std::move(responder)](const ProposeOutcome& outcome) mutable {
                    if (outcome.kind == ProposeOutcome::Kind::kNotLeader) {
                      return Answer(responder, ChangeRingResponse::NOT_LEADER, outcome.leader_hint);
                    }
                    if (outcome.kind == ProposeOutcome::Kind::kUnknown) {
                      return Answer(responder, ChangeRingResponse::UNKNOWN);
                    }
                    if (outcome.result != kTaken)
                      return Answer(responder, ChangeRingResponse::REFUSED);
                    waiting_.emplace(epoch, std::move(responder));
                  });
  }

  void Answer(Responder<ChangeRingResponse>& responder, ChangeRingResponse::Outcome outcome,
              NodeId hint = 0) const {
    ChangeRingResponse response;
    response.set_outcome(outcome);
    response.set_leader_hint(hint);
    if (outcome == ChangeRingResponse::REFUSED) *response.mutable_ring() = Last();
    responder.Reply(response);
  }

  // -- Time.

  void Tick() {
    tick_ = env_.After(kTick, [this] { Tick(); });
    if (applied_ > discarded_ + kSnapshotAfter) {
      discarded_ = applied_;
      log_->DiscardUpTo(applied_, Snapshot());
    }
    while (!waiting_.empty() && waiting_.begin()->first <= installed_.epoch()) {
      Answer(waiting_.begin()->second, ChangeRingResponse::INSTALLED);
      waiting_.erase(waiting_.begin());
    }
    if (leads_ && !decided_.empty()) Install();
  }

  void Install() {
    if (reported_ == Last().epoch()) return;  // the log is about to say it
    hash_ring::InstallRingRequest request;
    for (const auto& [epoch, ring] : decided_) *request.add_unanswered() = ring;
    request.mutable_unanswered()->RemoveLast();
    *request.mutable_ring() = Last();
    for (const hash_ring::Member& member : Last().members()) {
      if (!asked_.insert(member.node()).second) continue;  // it has not answered yet
      env_.Call(member.node(), hash_ring::kInstallRing, request, kCallTimeout,
                [this, node = member.node(), epoch = Last().epoch()](
                    const absl::StatusOr<hash_ring::InstallRingResponse>& response) {
                  asked_.erase(node);
                  if (response.ok()) Report(epoch);
                });
    }
  }

  void Report(std::uint64_t epoch) {
    if (!leads_ || epoch <= installed_.epoch() || reported_ >= epoch) return;
    reported_ = epoch;
    RingCommand command;
    command.set_installed(epoch);
    log_->Propose(command.SerializeAsString(), [this](const ProposeOutcome& outcome) {
      if (outcome.kind != ProposeOutcome::Kind::kApplied) reported_.reset();
    });
  }

  Env& env_;
  Ring installed_;                         // the last one that the log says is installed
  std::map<std::uint64_t, Ring> decided_;  // and what came after it, by epoch
  LogIndex applied_ = 0;
  LogIndex discarded_ = 0;
  bool leads_ = false;
  std::multimap<std::uint64_t, Responder<ChangeRingResponse>> waiting_;  // by epoch
  std::set<NodeId> asked_;
  std::optional<std::uint64_t> reported_;  // installed, as this leader has proposed to say
  Timer tick_;
  std::unique_ptr<ReplicatedLog> log_;  // last: it may use all of the above
};

}  // namespace

std::unique_ptr<Node> MakeAdministrator(Env& env, const NodeConfig& config,
                                        ReplicatedLogFactory make_log) {
  return std::make_unique<PlainAdministrator>(env, config, make_log);
}

}  // namespace quorum::paxos
