// A server of the implementation on the given log.
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/log/log_host.h"
#include "grader/explore/lock_service/log_link.h"
#include "grader/explore/lock_service/small_cell.h"
#include "labs/lab4_lock_service/lock_state.pb.h"

namespace quorum::explore::locks {
namespace {

std::unique_ptr<ReplicatedLog> MakeLink(Env& env, const NodeConfig& config, StateMachine& machine) {
  return std::make_unique<LogLink>(env, config.self(), machine);
}

/// What the node factory, a plain function, makes nodes of.
LogHostFactory& TheServerFactory() {
  static LogHostFactory factory = nullptr;
  return factory;
}
std::unique_ptr<Node> MakeServer(Env& env, const NodeConfig& config) {
  return TheServerFactory()(env, config, &MakeLink);
}

NodeFactory Around(void (*part)()) {
  TheServerFactory() = reinterpret_cast<LogHostFactory>(part);
  return &MakeServer;
}

}  // namespace

Host ServerHost() { return {kLogHostFactoryType, &Around}; }

std::string TellSaid(std::string_view bytes) {
  Said said;
  said.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  if (said.leads() != 0) return absl::StrCat("I lead, in epoch ", said.leads());
  if (said.confirmed() != 0)
    return absl::StrCat("I have led epoch ", said.confirmed(), " till now");
  quorum::lock_service::Command command;
  command.ParseFromString(said.command());
  return absl::StrCat("I have applied, at index ", said.applied(), ": ",
                      command.ShortDebugString());
}

}  // namespace quorum::explore::locks
