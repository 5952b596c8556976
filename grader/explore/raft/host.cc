#include "grader/explore/raft/host.h"

#include <charconv>
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/log/register.h"
#include "labs/lab3_raft/raft.h"

namespace quorum::explore::raft {
namespace {

constexpr std::string_view kApplied = "applied at ";
constexpr std::string_view kCommand = ": ";

/// A register, and what hears for it.
class ObservedRegister final : public Node, public log::RegisterObserver {
 public:
  ObservedRegister(Env& env, const NodeConfig& config, ReplicatedLogFactory make_log)
      : env_(env), register_(log::MakeRegister(env, config, make_log, this)) {}

  void OnApply(NodeId, LogIndex index, std::string_view command, const std::string&) override {
    env_.Log(TextOf({index, std::string(command)}));
  }
  void OnRestore(NodeId, LogIndex, const std::string&) override {}
  void OnLeadership(NodeId, std::uint64_t) override {}

 private:
  Env& env_;
  std::unique_ptr<Node> register_;
};

/// What the node factory, a plain function, makes nodes of.
ReplicatedLogFactory& TheLogFactory() {
  static ReplicatedLogFactory factory = nullptr;
  return factory;
}
std::unique_ptr<Node> MakeObservedRegister(Env& env, const NodeConfig& config) {
  return std::make_unique<ObservedRegister>(env, config, TheLogFactory());
}

NodeFactory Around(void (*part)()) {
  TheLogFactory() = reinterpret_cast<ReplicatedLogFactory>(part);
  return &MakeObservedRegister;
}

}  // namespace

Host RegisterHost() { return {quorum::raft::kLogFactoryType, &Around}; }

std::string TextOf(const Application& application) {
  return absl::StrCat(std::string(kApplied), application.index, std::string(kCommand),
                      application.command);
}

std::optional<Application> ApplicationIn(std::string_view text) {
  if (!text.starts_with(kApplied)) return std::nullopt;
  text.remove_prefix(kApplied.size());
  Application application;
  const char* const end = text.data() + text.size();
  const auto number = std::from_chars(text.data(), end, application.index);
  if (number.ec != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(number.ptr - text.data()));
  if (!text.starts_with(kCommand)) return std::nullopt;
  application.command = text.substr(kCommand.size());
  return application;
}

}  // namespace quorum::explore::raft
