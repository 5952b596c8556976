#include "grader/cli/build.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>
#include <utility>

#include "grader/cli/paths.h"

namespace quorum::cli {

namespace {

/// Two builds of one folder wait for each other; `./quorum` takes the same lock.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder)
      : file_(open((folder / ".quorum.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
    while (file_ >= 0 && flock(file_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  ~FolderLock() {
    if (file_ >= 0) close(file_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  const int file_;
};

}  // namespace

BuildResult RunTool(const std::vector<std::string>& command, bool loud) {
  BuildResult result;
  int ends[2];
  if (pipe(ends) != 0) return result;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_addclose(&actions, ends[1]);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int failed =
      posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (failed != 0) {
    close(ends[0]);
    result.output = "There is no program " + command[0] + ".";
    return result;
  }
  std::FILE* from = fdopen(ends[0], "r");
  char line[16384];
  bool command_follows = false;
  while (std::fgets(line, sizeof(line), from) != nullptr) {
    // Left out: that there is nothing to do, or that it stops; and the command that failed.
    if (std::string_view(line).starts_with("ninja: ") || std::exchange(command_follows, false)) {
      continue;
    }
    command_follows = std::string_view(line).starts_with("FAILED: ");
    if (command_follows) continue;
    result.output += line;
    if (loud) std::fputs(line, stderr);
  }
  std::fclose(from);
  int status = 0;
  waitpid(child, &status, 0);
  result.ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return result;
}

BuildResult Build(const std::filesystem::path& folder, const std::vector<std::string>& targets,
                  bool loud) {
  const FolderLock lock(folder);
  std::vector<std::string> command = {"ninja", "--quiet", "-C", folder.string()};
  command.insert(command.end(), targets.begin(), targets.end());
  return RunTool(command, loud);
}

BuildResult BuildModule(const ModuleFile& module, bool loud) {
  if (module.target.empty()) return {.ok = true, .output = ""};
  if (!module.needs.empty()) {
    BuildResult needed = Build(BuildFolder(), module.needs, loud);
    if (!needed.ok) return needed;
  }
  return Build(module.folder, {module.target}, loud);
}

}  // namespace quorum::cli
