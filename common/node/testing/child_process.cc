#include "common/node/testing/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/env/check.h"

namespace quorum::testing {

ChildProcess::ChildProcess(const std::vector<std::string>& command) {
  int output[2], errors[2];
  Check(::pipe2(output, O_CLOEXEC) == 0 && ::pipe2(errors, O_CLOEXEC) == 0, "A pipe can be made.");
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, output[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, errors[1], STDERR_FILENO);
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int failed = ::posix_spawn(&pid_, arguments[0], &files, nullptr, arguments.data(), environ);
  Check(failed == 0, "A test's program can be run.");
  posix_spawn_file_actions_destroy(&files);
  ::close(output[1]);
  ::close(errors[1]);
  output_ = output[0];
  error_output_ = errors[0];
}

ChildProcess::~ChildProcess() {
  if (pid_ != 0) {
    ::kill(pid_, SIGKILL);
    Wait();
  }
  ::close(output_);
  ::close(error_output_);
}

std::string ChildProcess::ReadLine() {
  std::string line;
  for (char next = 0; ::read(output_, &next, 1) == 1 && next != '\n';) line += next;
  return line;
}

void ChildProcess::Signal(int signal) { ::kill(pid_, signal); }

Duration ChildProcess::CpuTime() const {
  clockid_t clock = 0;
  timespec used = {};
  const bool known = ::clock_getcpuclockid(pid_, &clock) == 0 && ::clock_gettime(clock, &used) == 0;
  Check(known, "The system knows what a process has used.");
  return std::chrono::seconds(used.tv_sec) + Duration(used.tv_nsec);
}

int ChildProcess::Wait() {
  char bytes[1024];
  for (ssize_t count = 0; (count = ::read(error_output_, bytes, sizeof bytes)) > 0;) {
    errors_.append(bytes, static_cast<std::size_t>(count));
  }
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace quorum::testing
