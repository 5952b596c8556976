// The server of another shape: commands, mastership, and what the master has to do after a command.
#include "plain_server.h"

#include <algorithm>

#include "common/env/check.h"

namespace quorum::lock_service {
namespace {

using namespace std::chrono_literals;

constexpr Duration kAgain = 40ms;
constexpr std::size_t kMostAnswers = 4;

Result NotMaster() { return ResultOf(absl::UnavailableError("Somebody else is the master.")); }

LockServerConfig ConfigOf(const NodeConfig& config) {
  LockServerConfig own;
  config.lab().UnpackTo(&own);
  if (own.cell().empty()) own.set_cell("local");
  if (own.lease_ns() == 0) own.set_lease_ns(12'000'000'000);
  if (own.snapshot_every() == 0) own.set_snapshot_every(1000);
  return own;
}

/// Whether a command may change what somebody can have cached.
bool ChangesNodes(const Command& command) {
  if (command.has_open()) return command.open().create() != OpenRequest::MUST_EXIST;
  return !command.has_trim_events() && !command.has_create_session();
}

}  // namespace

PlainLockServer::PlainLockServer(Env& env, const NodeConfig& config, ReplicatedLogFactory make_log)
    : env_(env),
      config_(ConfigOf(config)),
      bound_(config.clock_rate_bound_ppm()),
      cell_(config_.cell()),
      barriers_(env) {
  ServeAll();
  log_ = make_log(env, config, *this);
  barriers_.Use(*log_);
}

std::string PlainLockServer::Apply(LogIndex index, std::string_view bytes) {
  Command command;
  Check(command.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())),
        "What is applied was proposed.");
  applied_ = index;
  ++since_snapshot_;
  LookSoon();
  return cell_.Run(command).SerializeAsString();
}

absl::Status PlainLockServer::Restore(LogIndex index, std::string_view bytes) {
  applied_ = index;
  since_snapshot_ = 0;
  return cell_.Load(bytes);
}

void PlainLockServer::OnLeadership(std::uint64_t epoch) {
  leads_in_ = epoch;
  retry_ = env_.After(0ms, [this, epoch] { BecomeMaster(epoch); });
}

void PlainLockServer::BecomeMaster(std::uint64_t epoch) {
  Command command;
  command.set_epoch(epoch);
  command.mutable_new_master();
  log_->Propose(command.SerializeAsString(), [this, epoch](const ProposeOutcome& outcome) {
    if (leads_in_ != epoch) return;
    if (outcome.kind != ProposeOutcome::Kind::kApplied) {
      retry_ = env_.After(kAgain, [this, epoch] { BecomeMaster(epoch); });
      return;
    }
    epoch_ = epoch;
    // Nobody knows what the last master has promised, and what was cached then.
    for (const SessionRecord& session : cell_.state().sessions()) {
      clients_[session.id()] = {
          .lease_until = env_.Now() + bound_.ToOutlast(Duration(session.lease_ns())),
          .has_dropped = false};
    }
    Look();
  });
}

void PlainLockServer::OnLeadershipLost(std::uint64_t epoch) {
  leads_in_ = 0;
  epoch_ = 0;
  clients_.clear();
  waiting_.clear();
  patience_.clear();
  delays_.clear();
  gates_.clear();
  changes_ = 0;
  leases_.Cancel();
  retry_.Cancel();
  insisting_.clear();
  insist_.Cancel();
}

void PlainLockServer::Change(Command command, Done done) {
  if (epoch_ == 0) return done(NotMaster());
  command.set_epoch(epoch_);
  if (!ChangesNodes(command)) return Propose(command, std::move(done));
  ++changes_;  // from now on nobody caches anything
  // Who asks has dropped what it changes itself, and all if it is to end.
  const Call* call = CallOf(command);
  const std::uint64_t asks = call != nullptr ? call->session() : command.end_session().session();
  Gate gate;
  for (auto& [session, client] : clients_) {
    if (client.dying || session == asks) continue;
    EmptyCache(client);
    if (!client.has_dropped || client.dropped < client.told) gate.waits_for[session] = client.told;
  }
  gate.command = std::move(command);
  gate.done = std::move(done);
  gates_.push_back(std::move(gate));
  OpenGates();
}

void PlainLockServer::Propose(const Command& command, Done done) {
  const Call* call = CallOf(command);
  const Operation operation =
      call == nullptr ? Operation() : Operation(call->session(), call->number());
  log_->Propose(command.SerializeAsString(),
                [this, operation, epoch = epoch_, counts = ChangesNodes(command),
                 done = std::move(done)](const auto& outcome) mutable {
                  if (counts && epoch == epoch_) --changes_;
                  OnProposed(epoch, operation, outcome, std::move(done));
                });
}

void PlainLockServer::OnProposed(std::uint64_t epoch, const Operation& operation,
                                 const ProposeOutcome& outcome, Done done) {
  if (outcome.kind != ProposeOutcome::Kind::kApplied) return done(NotMaster());
  Result result;
  Check(result.ParseFromString(outcome.result), "`Apply` has returned it.");
  if (result.superseded() || (result.waits() && epoch != epoch_)) return done(NotMaster());
  if (!result.waits()) return done(result);
  std::vector<Done>& all = waiting_[operation];
  if (all.size() == kMostAnswers) all.erase(all.begin());
  all.push_back(std::move(done));
  LookSoon();  // it may have the lock by now
}

void PlainLockServer::LookSoon() {
  // Not from within `Apply`: the log is in the middle of something.
  look_ = env_.After(0ms, [this] { Look(); });
}

void PlainLockServer::Look() {
  if (since_snapshot_ >= config_.snapshot_every()) {
    since_snapshot_ = 0;
    log_->DiscardUpTo(applied_, Snapshot());
  }
  if (epoch_ == 0) return;
  LookAtSessions();
  LookAtLocks();
  AnswerWaiting();
  LookAtLeases();
}

void PlainLockServer::LookAtSessions() {
  for (const SessionRecord& session : cell_.state().sessions()) {
    const auto [client, is_new] = clients_.try_emplace(session.id());
    if (is_new) {
      client->second.lease_until = env_.Now() + bound_.ToOutlast(Duration(session.lease_ns()));
    }
    auto& held = client->second.held;
    const bool news = std::any_of(held.begin(), held.end(), [&](const Held& one) {
      return HasNews(one.request, session, client->second);
    });
    if (news) AnswerHeld(client->second);
  }
  for (auto client = clients_.begin(); client != clients_.end();) {
    if (FindSession(cell_.state(), client->first) != nullptr) {
      ++client;
      continue;
    }
    AnswerHeld(client->second);  // which says that it has ended
    client = clients_.erase(client);
  }
  OpenGates();
}

void PlainLockServer::LookAtLocks() {
  std::map<Operation, Timer> patience;
  for (const NodeRecord& node : cell_.state().nodes()) {
    for (const LockClaim& claim : node.queue()) {
      if (claim.patience_ns() == 0) continue;
      const Operation operation(claim.session(), claim.number());
      const auto before = patience_.extract(operation);
      if (before) {
        patience[operation] = std::move(before.mapped());
        continue;
      }
      Command give_up;
      give_up.mutable_give_up()->set_session(claim.session());
      give_up.mutable_give_up()->set_number(claim.number());
      patience[operation] = env_.After(bound_.ToOutlast(Duration(claim.patience_ns())),
                                       [this, give_up] { Insist(give_up); });
    }
  }
  patience_ = std::move(patience);
  std::map<std::uint64_t, Timer> delays;
  for (const LockDelay& delay : cell_.state().delays()) {
    const auto before = delays_.extract(delay.id());
    if (before) {
      delays[delay.id()] = std::move(before.mapped());
      continue;
    }
    Command end;
    end.mutable_end_lock_delay()->set_delay(delay.id());
    delays[delay.id()] =
        env_.After(bound_.ToOutlast(Duration(delay.length_ns())), [this, end] { Insist(end); });
  }
  delays_ = std::move(delays);
}

void PlainLockServer::Insist(const Command& command) {
  Change(command, [this, command, epoch = epoch_](const Result& result) {
    if (result.code() == 0 || epoch_ != epoch) return;
    insisting_.push_back(command);
    insist_ = env_.After(kAgain, [this] {
      for (const Command& again : std::exchange(insisting_, {})) Insist(again);
    });
  });
}

void PlainLockServer::AnswerWaiting() {
  std::vector<std::pair<Result, std::vector<Done>>> answers;
  for (auto waiting = waiting_.begin(); waiting != waiting_.end();) {
    const SessionRecord* session = FindSession(cell_.state(), waiting->first.first);
    const Executed* executed =
        session == nullptr ? nullptr : FindExecuted(*session, waiting->first.second);
    if (executed != nullptr && executed->result().waits()) {
      ++waiting;
      continue;
    }
    // Without a result nobody waits for it any more.
    if (executed != nullptr) answers.emplace_back(executed->result(), std::move(waiting->second));
    if (session == nullptr) {
      answers.emplace_back(ResultOf(absl::UnauthenticatedError("The session has ended.")),
                           std::move(waiting->second));
    }
    waiting = waiting_.erase(waiting);
  }
  for (auto& [result, all] : answers) {
    for (Done& done : all) done(result);
  }
}

std::unique_ptr<Node> MakeLockServer(Env& env, const NodeConfig& config,
                                     ReplicatedLogFactory make_log) {
  return std::make_unique<PlainLockServer>(env, config, make_log);
}

}  // namespace quorum::lock_service
