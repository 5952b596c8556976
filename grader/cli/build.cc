#include "grader/cli/build.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <functional>
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

/// Shows what ninja prints: what goes wrong, and on a terminal the progress in a changing line.
class NinjaOutput {
 public:
  explicit NinjaOutput(bool loud) : loud_(loud), terminal_(isatty(STDERR_FILENO) != 0) {}

  void Add(std::string_view line) {
    // Left out: what CMake looks for when a list of files has changed; that there is nothing to do,
    // or that it stops; and the command that failed.
    if (line.starts_with("-- ") || line.starts_with("ninja: ") ||
        std::exchange(command_follows_, false))
      return;
    command_follows_ = line.starts_with("FAILED: ");
    if (command_follows_) return;
    if (line.starts_with("[")) return ShowProgress(line);
    output_ += line;
    EraseProgress();
    if (loud_) std::fwrite(line.data(), 1, line.size(), stderr);
  }
  std::string Finish() {
    EraseProgress();
    return std::move(output_);
  }

 private:
  void ShowProgress(std::string_view line) {
    if (!loud_ || !terminal_) return;
    line = line.substr(0, std::min<std::size_t>(line.find('\n'), 99));
    std::fprintf(stderr, "\r\x1b[K%.*s", static_cast<int>(line.size()), line.data());
    progress_shown_ = true;
  }
  void EraseProgress() {
    if (std::exchange(progress_shown_, false)) std::fputs("\r\x1b[K", stderr);
  }

  const bool loud_;
  const bool terminal_;
  std::string output_;
  bool command_follows_ = false;
  bool progress_shown_ = false;
};

/// Starts a program whose output comes out of `reading`; 0: it cannot be started.
pid_t Start(const std::vector<std::string>& command, int& reading) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return 0;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ) != 0) {
    child = 0;
  }
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  reading = ends[0];
  return child;
}

/// Runs a program, hands on each line that it prints, and tells whether it went well.
bool Run(const std::vector<std::string>& command,
         const std::function<void(std::string_view line)>& each) {
  int reading = -1;
  const pid_t child = Start(command, reading);
  if (child == 0) {
    if (reading >= 0) close(reading);
    each("The program " + command[0] + " cannot be started.\n");
    return false;
  }
  std::FILE* from = fdopen(reading, "r");
  char* line = nullptr;
  std::size_t space = 0;
  for (ssize_t size = 0; (size = getline(&line, &space, from)) > 0;) {
    each({line, static_cast<std::size_t>(size)});
  }
  std::free(line);
  std::fclose(from);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

BuildResult Build(const std::filesystem::path& folder, const std::vector<std::string>& targets,
                  bool loud) {
  const FolderLock lock(folder);
  std::vector<std::string> command = {"ninja", "-C", folder.string()};
  command.insert(command.end(), targets.begin(), targets.end());
  NinjaOutput output(loud);
  const bool ok = Run(command, [&](std::string_view line) { output.Add(line); });
  return {.ok = ok, .output = output.Finish()};
}

std::string OutputOf(const std::vector<std::string>& command) {
  std::string output;
  Run(command, [&](std::string_view line) { output += line; });
  return output;
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
