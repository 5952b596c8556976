// quorum_node: one node of a lab as a process.

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>

#include "common/node/node_process.h"

namespace {

/// Signals that end a node; taken by `sigwait`, so blocked before any thread starts.
sigset_t EndingSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

int main(int argc, char** argv) {
  int exit_code = 0;
  const auto options = quorum::ParseNodeOptions(argc, argv, exit_code);
  if (!options) return exit_code;
  if (options->die_with_parent) {
    const pid_t parent = getppid();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) return 0;
  }
  const sigset_t signals = EndingSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  const auto host = quorum::StartNode(*options);
  if (!host.ok()) {
    quorum::PrintLogLine(options->node, std::string(host.status().message()));
    return 1;
  }
  std::printf("node %u (%s) listens on %s\n", options->node, options->role.c_str(),
              options->addresses.at(options->node).c_str());
  std::fflush(stdout);
  // Whoever reads that line reads no more; what a student's code prints belongs into the log.
  dup2(STDERR_FILENO, STDOUT_FILENO);

  int received = 0;
  sigwait(&signals, &received);
  (*host)->Stop();
  quorum::PrintLogLine(options->node, "stopped by a signal.");
  return 0;
}
