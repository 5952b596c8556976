#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace quorum::cli {

/// A program that runs while something is held, with all that it starts: a process group of its
/// own, in the foreground if we are. It is killed when this process dies, however that is.
class ChildCommand {
 public:
  /// Runs `words`, with `NAME=VALUE`s added to its environment. One that cannot be run ends at once
  /// with 127 (not found) or 126, and a sentence.
  ChildCommand(const std::vector<std::string>& words, const std::vector<std::string>& environment);
  ~ChildCommand();
  ChildCommand(const ChildCommand&) = delete;
  ChildCommand& operator=(const ChildCommand&) = delete;

  /// Sends it, and all that it has started, a signal.
  void Signal(int signal) const;

  /// Its exit code if it has ended, or 128 and the signal that has killed it, as shells say it.
  std::optional<int> ExitCode();

 private:
  pid_t pid_ = 0;
  std::optional<int> exit_code_;
};

}  // namespace quorum::cli
