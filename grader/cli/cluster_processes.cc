#include "grader/cli/cluster_processes.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <random>
#include <thread>

namespace quorum::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeToStart = 30s;
constexpr auto kTimeToStop = 5s;

/// The last line of a log, which says why a node has ended.
std::string LastLine(const std::string& path) {
  std::ifstream in(path);
  std::string last;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) last = line;
  }
  return last;
}

std::string HowItEnded(const ClusterNode& node, int status) {
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return fmt::format("Node {} was killed by signal {} ({}); see {}.", node.id, signal,
                       strsignal(signal), node.log);
  }
  return fmt::format("Node {} has ended with exit code {}: {} (in {})", node.id,
                     WEXITSTATUS(status), LastLine(node.log), node.log);
}

/// Starts a program with its standard error in a file, its standard output in a pipe whose other
/// end is `output`, no signal blocked, and in a process group of its own: Ctrl-C is for us alone.
pid_t Spawn(const ClusterNode& node, int& output) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return 0;
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, node.log.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  std::vector<char*> arguments;
  for (const std::string& word : node.command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t pid = 0;
  if (::posix_spawn(&pid, arguments[0], &files, &attributes, arguments.data(), environ) != 0) {
    pid = 0;
  }
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  ::close(ends[1]);
  output = ends[0];
  return pid;
}

enum class Ready { kYes, kClosed, kTooLate };

/// Whether the process has printed a line, or closed its output without, as when it ends.
Ready AwaitLine(int output) {
  const auto deadline = std::chrono::steady_clock::now() + kTimeToStart;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd waiting = {.fd = output, .events = POLLIN, .revents = 0};
    if (left <= 0ms || ::poll(&waiting, 1, static_cast<int>(left.count())) == 0) {
      return Ready::kTooLate;
    }
    char bytes[256];
    const ssize_t count = ::read(output, bytes, sizeof bytes);
    if (count <= 0) return Ready::kClosed;
    if (std::memchr(bytes, '\n', static_cast<std::size_t>(count)) != nullptr) return Ready::kYes;
  }
}

/// Waits for the end of a process that has closed its output: it is about to come.
bool AwaitEnd(pid_t pid, int& status) {
  const auto deadline = std::chrono::steady_clock::now() + kTimeToStart;
  while (std::chrono::steady_clock::now() < deadline) {
    if (::waitpid(pid, &status, WNOHANG) != 0) return true;
    std::this_thread::sleep_for(5ms);
  }
  return false;
}

}  // namespace

absl::Status ClusterProcesses::Start(const ClusterNode& node) {
  int output = -1;
  const pid_t pid = Spawn(node, output);
  if (pid == 0) {
    if (output >= 0) ::close(output);
    return absl::NotFoundError(fmt::format("The program {} cannot be run.", node.command.front()));
  }
  processes_.push_back({node, pid});
  const Ready ready = AwaitLine(output);
  ::close(output);
  if (ready == Ready::kYes) return absl::OkStatus();
  int status = 0;
  if (ready == Ready::kTooLate || !AwaitEnd(pid, status)) {
    return absl::DeadlineExceededError(
        fmt::format("Node {} does not get ready; see {}.", node.id, node.log));
  }
  processes_.back().pid = 0;
  return absl::UnavailableError(HowItEnded(node, status));
}

std::vector<std::string> ClusterProcesses::Reap() {
  std::vector<std::string> sentences;
  for (Running& process : processes_) {
    int status = 0;
    if (process.pid == 0 || ::waitpid(process.pid, &status, WNOHANG) == 0) continue;
    process.pid = 0;
    sentences.push_back(HowItEnded(process.node, status));
  }
  return sentences;
}

int ClusterProcesses::running() const {
  int count = 0;
  for (const Running& process : processes_) count += process.pid != 0;
  return count;
}

void ClusterProcesses::Stop() {
  for (const Running& process : processes_) {
    if (process.pid != 0) ::kill(process.pid, SIGTERM);
  }
  const auto deadline = std::chrono::steady_clock::now() + kTimeToStop;
  while (running() > 0 && std::chrono::steady_clock::now() < deadline) {
    Reap();
    std::this_thread::sleep_for(5ms);
  }
  for (Running& process : processes_) {
    if (process.pid == 0) continue;
    ::kill(process.pid, SIGKILL);
    ::waitpid(process.pid, nullptr, 0);
    process.pid = 0;
  }
}

std::vector<std::string> LoopbackAddresses(int count, int base_port) {
  std::vector<std::string> addresses;
  std::vector<int> sockets;  // kept open, so that no port is drawn twice
  std::random_device random;
  while (addresses.size() < static_cast<std::size_t>(count)) {
    int port = base_port + static_cast<int>(addresses.size());
    if (base_port == 0) {
      // Below those that the system gives to whoever connects, which could take it meanwhile.
      port = static_cast<int>(10000 + random() % 20000);
      sockets.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      sockaddr_in address = {};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      address.sin_port = htons(static_cast<std::uint16_t>(port));
      if (::bind(sockets.back(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        continue;
      }
    }
    addresses.push_back(fmt::format("127.0.0.1:{}", port));
  }
  for (const int socket : sockets) ::close(socket);
  return addresses;
}

}  // namespace quorum::cli
