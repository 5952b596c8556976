#include "grader/processes/client_process.h"

#include <signal.h>
#include <sys/prctl.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "common/env/check.h"
#include "grader/check/linearizability/history_json.h"

namespace quorum::grader {

ClientProcess::ClientProcess(Service service, const std::map<NodeId, std::string>& addresses,
                             int number) {
  std::vector<std::string> command = {CLUSTER_CLIENT,
                                      "--service",
                                      std::to_string(static_cast<int>(service)),
                                      "--number",
                                      std::to_string(number),
                                      "--out",
                                      (home_ / "told").string()};
  for (const auto& [node, address] : addresses) {
    command.insert(command.end(), {"--address", std::to_string(node) + "=" + address});
  }
  process_ = std::make_unique<testing::ChildProcess>(command);
  Check(!process_->ReadLine().empty(), "A client's process can start.");
}

ClientProcess::Told ClientProcess::End() {
  process_->Signal(SIGTERM);
  Told told;
  told.answered = process_->Wait() == 0;
  std::ifstream in(home_ / "told");
  std::string line;
  while (std::getline(in, line) && !line.empty()) {
    Acquisition one;
    std::istringstream(line) >> one.client >> one.generation >> one.asked >> one.answered;
    told.acquisitions.push_back(one);
  }
  auto history = check::ReadHistory(in, check::Model::kKv);
  Check(history.ok(), "A client's process says what it was told.");
  told.history = *std::move(history);
  return told;
}

int RunClientProcess(Service service, const std::map<NodeId, std::string>& addresses, int number,
                     const std::string& out) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &end, nullptr);  // of all threads to come
  const auto client = MakeClient(service, addresses, number);
  std::atomic<bool> stop = false;
  std::thread thread([&] { client->Run(stop); });
  std::printf("runs\n");
  std::fflush(stdout);
  int signal = 0;
  ::sigwait(&end, &signal);
  stop = true;
  thread.join();
  const bool answered = client->ReadAtLast();
  std::ofstream file(out);
  for (const Acquisition& one : client->acquisitions()) {
    file << one.client << " " << one.generation << " " << one.asked << " " << one.answered << "\n";
  }
  file << "\n";
  check::WriteHistory(client->history(), file);
  return answered ? 0 : 1;
}

}  // namespace quorum::grader
