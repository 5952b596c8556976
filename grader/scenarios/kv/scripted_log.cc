#include "grader/scenarios/kv/scripted_log.h"

#include <utility>

#include "common/env/env.h"

namespace quorum::grader::kv {
namespace {

using namespace std::chrono_literals;

Script*& TheScript() {
  static Script* script = nullptr;
  return script;
}

class ScriptedLog final : public ReplicatedLog {
 public:
  ScriptedLog(Env& env, NodeId self, StateMachine& machine)
      : env_(env), self_(self), machine_(machine), script_(*TheScript()) {
    Soon([this] {
      if (script_.snapshot_index > 0) {
        applied_ = script_.snapshot_index;
        machine_.Restore(applied_, script_.snapshot).IgnoreError();
      }
      Apply();
      machine_.OnLeadership(1);
      ready_ = true;
    });
  }

  void Propose(std::string_view command,
               absl::AnyInvocable<void(const ProposeOutcome&)> done) override {
    ++script_.proposals;
    const Script::Mode mode = script_.mode;
    if (mode == Script::Mode::kRefuse || !ready_) {
      return done({.kind = ProposeOutcome::Kind::kNotLeader, .leader_hint = script_.hint});
    }
    Soon([this, mode, command = std::string(command), done = std::move(done)]() mutable {
      if (mode == Script::Mode::kLose || mode == Script::Mode::kDecideLater) {
        done({.kind = ProposeOutcome::Kind::kUnknown});
        if (mode == Script::Mode::kLose) return;
        Decide(command);
        return Soon([this] { Apply(); });
      }
      Decide(command);
      const LogIndex index = script_.last;
      if (mode == Script::Mode::kDecideTwice) Decide(command);
      Apply();
      done({.kind = ProposeOutcome::Kind::kApplied, .index = index, .result = results_[index]});
    });
  }

  void ReadBarrier(absl::AnyInvocable<void(const absl::Status&)> done) override {
    Soon([this, done = std::move(done)]() mutable {
      if (!script_.confirms_reads) return done(absl::UnavailableError("Another node leads."));
      if (!script_.before_read.empty()) Decide(std::exchange(script_.before_read, {}));
      Apply();
      done(absl::OkStatus());
    });
  }

  void DiscardUpTo(LogIndex index, std::string snapshot) override {
    script_.snapshot_index = index;
    script_.snapshot = std::move(snapshot);
    script_.decided.erase(script_.decided.begin(), script_.decided.upper_bound(index));
  }

  NodeId leader() const override {
    return script_.mode == Script::Mode::kRefuse || !script_.confirms_reads ? script_.hint : self_;
  }

 private:
  void Decide(const std::string& command) {
    ++script_.last;
    if (script_.last % 3 == 0) ++script_.last;  // one that the log uses for itself
    script_.decided[script_.last] = command;
  }

  /// Step by step: the machine may hand over a snapshot, whenever it likes.
  void Apply() {
    while (true) {
      const auto next = script_.decided.upper_bound(applied_);
      if (next == script_.decided.end()) return;
      const std::string command = next->second;
      applied_ = next->first;
      results_[applied_] = machine_.Apply(applied_, command);
    }
  }

  /// Not at once: a log that has to ask others never answers within the call.
  void Soon(absl::AnyInvocable<void()> what) {
    timers_.push_back(env_.After(1ms, std::move(what)));
    if (timers_.size() > 1'000) timers_.pop_front();
  }

  Env& env_;
  NodeId self_;
  StateMachine& machine_;
  Script& script_;
  bool ready_ = false;
  LogIndex applied_ = 0;
  std::map<LogIndex, std::string> results_;
  std::deque<Timer> timers_;
};

}  // namespace

std::unique_ptr<ReplicatedLog> MakeScriptedLog(Env& env, const NodeConfig& config,
                                               StateMachine& machine) {
  return std::make_unique<ScriptedLog>(env, config.self(), machine);
}

void SetScript(Script* script) { TheScript() = script; }

}  // namespace quorum::grader::kv
