// What masters promise to sessions, and keep. There is no time that all nodes share in an explored
// world. So each master is judged by its own clock, and each promise by the instants at which it is
// sure that the master led: whoever ends a session later has heard that it leads after that.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "grader/explore/lock_service/reading.h"
#include "grader/explore/lock_service/rules.h"
#include "grader/scenarios/lock_service/statements.h"
#include "labs/lab4_lock_service/lock_service.h"

namespace quorum::explore::locks {
namespace {

using namespace quorum::grader::locks;
using namespace quorum::lock_service;

/// A server, by its own clock.
struct Master {
  Time leads_since = {};  ///< when it heard that it leads, the last time
  Time led_at = {};       ///< the last instant at which it is known to have led
  std::map<std::uint64_t, Time> promised = {};  ///< until when each session lives
  std::set<std::uint64_t> expiring = {};  ///< sessions whose end it has proposed since it leads
  std::string fault = {};

  friend auto operator<=>(const Master&, const Master&) = default;
};

std::string Milliseconds(Duration length) {
  return fmt::format("{:.3f} ms", static_cast<double>(length.count()) / 1e6);
}

class PromiseRuleOver final : public RuleOver<Master> {
 public:
  explicit PromiseRuleOver(Duration lease) : RuleOver(kPromises), lease_(lease) {}

 private:
  void Note(const Sight& sight, Master& master) const override {
    if (const auto said = SaidIn(sight)) {
      if (said->leads() != 0) {
        master.leads_since = sight.at;
        master.expiring.clear();
      }
      if (said->confirmed() != 0) {
        master.led_at = std::max(master.led_at, Time(Duration(said->since_ns())));
      }
    }
    if (sight.kind != Sight::Kind::kSent || !master.fault.empty()) return;
    if (IsAnswer(sight, kCreateSession) && sight.code == absl::StatusCode::kOk) {
      const auto answer = Parse<CreateSessionResponse>(sight.payload);
      Promises(sight, answer.session(), answer.lease_ns(), master);
    }
    if (IsAnswer(sight, quorum::lock_service::kKeepAlive) && sight.code == absl::StatusCode::kOk) {
      const auto answer = Parse<KeepAliveResponse>(sight.payload);
      Promises(sight, Parse<KeepAliveRequest>(sight.request).session(), answer.lease_ns(), master);
    }
    if (!sight.is_response && sight.path == kPropose.path) {
      const Command command = Parse<ProposeRequest>(sight.payload).what().command();
      if (command.has_expire_session()) Ends(sight, command.expire_session().session(), master);
    }
  }

  /// The client may have sent its request at the very instant at which it came.
  void Promises(const Sight& sight, std::uint64_t session, std::int64_t lease_ns,
                Master& master) const {
    if (lease_ns == 0) return;
    const Time until = sight.arrived + Duration(lease_ns);
    Time& promised = master.promised[session];
    promised = std::max(promised, until);
    if (master.expiring.contains(session)) {
      master.fault = fmt::format(
          "n{} promises session {} a lease, and has proposed before that the session expires.",
          sight.node, session);
      return;
    }
    if (until <= master.led_at + lease_) return;
    master.fault = fmt::format(
        "n{} promises session {} a lease that lasts until {} after the last instant at which it is "
        "sure to have led. A lease is {}: whoever came to lead next may end the session before.",
        sight.node, session, Milliseconds(until - master.led_at), Milliseconds(lease_));
  }

  void Ends(const Sight& sight, std::uint64_t session, Master& master) const {
    master.expiring.insert(session);
    const auto promised = master.promised.find(session);
    if (promised != master.promised.end() && sight.at < promised->second) {
      master.fault = fmt::format(
          "n{} proposes that session {} expires, and has promised it {} more by its own clock.",
          sight.node, session, Milliseconds(promised->second - sight.at));
      return;
    }
    if (sight.at >= master.leads_since + lease_) return;
    master.fault = fmt::format(
        "n{} proposes that session {} expires {} after it has heard that it leads. The master "
        "before may have promised it a whole lease of {} at that instant.",
        sight.node, session, Milliseconds(sight.at - master.leads_since), Milliseconds(lease_));
  }

  std::optional<std::string> Broken(std::span<const Master* const> nodes) const override {
    for (const Master* master : nodes) {
      if (!master->fault.empty()) return master->fault;
    }
    return std::nullopt;
  }

  Duration lease_;
};

}  // namespace

std::shared_ptr<Rule> PromiseRule(Duration lease) {
  return std::make_shared<PromiseRuleOver>(lease);
}

}  // namespace quorum::explore::locks
