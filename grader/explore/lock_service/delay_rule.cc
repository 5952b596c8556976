// Lock-delays: whose command begins one, who gets the lock meanwhile, and when a master ends it by
// its own clock.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "grader/explore/lock_service/reading.h"
#include "grader/explore/lock_service/rules.h"
#include "grader/scenarios/lock_service/cell.h"
#include "grader/scenarios/lock_service/statements.h"
#include "labs/lab4_lock_service/lock_service.h"

namespace quorum::explore::locks {
namespace {

using namespace quorum::grader::locks;
using namespace quorum::lock_service;

/// A lock-delay that a server knows of.
struct Delay {
  std::string path = {};
  Duration length = {};
  Time known = {};  ///< since when, by the server's clock
  friend auto operator<=>(const Delay&, const Delay&) = default;
};

struct Waiting {
  std::string state = {};  ///< the last one
  Time leads_since = {};
  std::map<std::uint64_t, Delay> delays = {};
  std::string fault = {};
  friend auto operator<=>(const Waiting&, const Waiting&) = default;
};

class DelayRuleOver final : public RuleOver<Waiting> {
 public:
  DelayRuleOver() : RuleOver(kDelay) {}

 private:
  void Note(const Sight& sight, Waiting& server) const override {
    if (sight.kind == Sight::Kind::kCrashed) {
      server.state.clear();
      server.delays.clear();
    }
    if (!server.fault.empty()) return;
    if (const auto said = SaidIn(sight)) {
      if (said->leads() != 0) server.leads_since = sight.at;
      if (said->applied() != 0) NoteApplied(*said, sight.at, server);
    }
    if (sight.kind != Sight::Kind::kSent || sight.is_response || sight.path != kPropose.path)
      return;
    const Command command = Parse<ProposeRequest>(sight.payload).what().command();
    if (command.has_end_lock_delay()) Ends(sight, command.end_lock_delay().delay(), server);
  }

  static void NoteApplied(const Said& said, Time now, Waiting& server) {
    const auto before = Parse<State>(server.state);
    const auto after = Parse<State>(said.state());
    const auto command = Parse<Command>(said.command());
    server.state = said.state();
    if (command.has_expire_session()) {
      JudgeEnd(before, command.expire_session().session(), after, server);
    }
    std::map<std::uint64_t, Delay> delays;
    for (const LockDelay& delay : after.delays()) {
      const auto known = server.delays.find(delay.id());
      delays[delay.id()] = {delay.path(), Duration(delay.length_ns()),
                            known == server.delays.end() ? now : known->second.known};
    }
    for (const auto& [id, delay] : server.delays) {
      const bool ended = command.has_end_lock_delay() && command.end_lock_delay().delay() == id;
      if (delays.contains(id) || ended || !server.fault.empty()) continue;
      server.fault = fmt::format("The lock-delay of {} is over by a command that is not to end it.",
                                 delay.path);
    }
    server.delays = std::move(delays);
    JudgeHolders(after, server);
  }

  /// Of a session that has died with locks.
  static void JudgeEnd(const State& before, std::uint64_t session, const State& after,
                       Waiting& server) {
    if (FindSession(before, session) == nullptr || FindSession(after, session) != nullptr) return;
    for (const NodeRecord& node : before.nodes()) {
      for (const LockClaim& holder : node.holders()) {
        if (holder.session() != session || holder.lock_delay_ns() == 0) continue;
        const bool delayed =
            std::any_of(after.delays().begin(), after.delays().end(), [&](const LockDelay& delay) {
              return delay.path() == node.path() && delay.length_ns() >= holder.lock_delay_ns();
            });
        if (delayed) continue;
        server.fault = fmt::format(
            "Session {} has died with the lock of {}, for which it wanted a lock-delay of {} ms, "
            "and there is none.",
            session, node.path(), holder.lock_delay_ns() / 1'000'000);
      }
    }
  }

  static void JudgeHolders(const State& state, Waiting& server) {
    for (const auto& [id, delay] : server.delays) {
      const NodeRecord* node = FindNode(state, delay.path);
      if (node == nullptr || node->holders().empty() || !server.fault.empty()) continue;
      server.fault = fmt::format("Session {} has got the lock of {} in its lock-delay.",
                                 node->holders(0).session(), delay.path);
    }
  }

  static void Ends(const Sight& sight, std::uint64_t id, Waiting& server) {
    const auto delay = server.delays.find(id);
    if (delay == server.delays.end()) return;
    const Time from = std::max(delay->second.known, server.leads_since);
    if (sight.at >= from + delay->second.length) return;
    server.fault = fmt::format(
        "n{} proposes that the lock-delay of {} ends {:.3f} ms after it knows of it as a master; "
        "it is to last {} ms.",
        sight.node, delay->second.path, static_cast<double>((sight.at - from).count()) / 1e6,
        delay->second.length.count() / 1'000'000);
  }

  std::optional<std::string> Broken(std::span<const Waiting* const> nodes) const override {
    for (const Waiting* server : nodes) {
      if (!server->fault.empty()) return server->fault;
    }
    return std::nullopt;
  }
};

}  // namespace

std::shared_ptr<Rule> DelayRule() { return std::make_shared<DelayRuleOver>(); }

}  // namespace quorum::explore::locks
