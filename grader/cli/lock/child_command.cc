#include "grader/cli/lock/child_command.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace quorum::cli {
namespace {

std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// The new process, before it becomes the command; only what is safe between fork and exec.
[[noreturn]] void Become(char** words, char** environment, bool foreground) {
  ::setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  if (foreground) {
    ::signal(SIGTTOU, SIG_IGN);  // or it would be stopped for what it does next
    ::tcsetpgrp(STDIN_FILENO, ::getpid());
    ::signal(SIGTTOU, SIG_DFL);
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execvpe(words[0], words, environment);
  const int error = errno;
  for (const char* text : {"quorum lock: ", static_cast<const char*>(words[0]),
                           error == ENOENT ? " is not found.\n" : " cannot be run.\n"}) {
    if (::write(STDERR_FILENO, text, std::strlen(text)) < 0) break;
  }
  ::_exit(error == ENOENT ? 127 : 126);
}

}  // namespace

ChildCommand::ChildCommand(const std::vector<std::string>& words,
                           const std::vector<std::string>& environment) {
  std::vector<std::string> arguments = words;
  std::vector<std::string> all = environment;
  for (char** variable = environ; *variable != nullptr; ++variable) all.emplace_back(*variable);
  const std::vector<char*> argument_pointers = Pointers(arguments);
  const std::vector<char*> environment_pointers = Pointers(all);
  const bool foreground = ::isatty(STDIN_FILENO) != 0 && ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
  pid_ = ::fork();
  if (pid_ == 0) {
    Become(const_cast<char**>(argument_pointers.data()),
           const_cast<char**>(environment_pointers.data()), foreground);
  }
  if (pid_ < 0) {
    fmt::print(stderr, "quorum lock: no process can be started.\n");
    exit_code_ = 126;
  } else {
    ::setpgid(pid_, pid_);  // here, too: whoever is first
  }
}

ChildCommand::~ChildCommand() {
  if (exit_code_) return;
  Signal(SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void ChildCommand::Signal(int signal) const {
  if (!exit_code_) ::kill(-pid_, signal);
}

std::optional<int> ChildCommand::ExitCode() {
  int status = 0;
  if (!exit_code_ && ::waitpid(pid_, &status, WNOHANG) == pid_) {
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return exit_code_;
}

}  // namespace quorum::cli
