#include "grader/run/pool.h"

#include <poll.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace quorum::run {
namespace {

// A worker is told this many tasks at once, so that it never waits for its parent.
constexpr std::size_t kToldAhead = 3;
// Idle workers of other settings are kept, since starting one costs more than most runs.
constexpr std::size_t kIdleKept = 4;
// A run that sleeps for so long waits for something that will not happen.
constexpr int kStuckSeconds = 5;
constexpr int kSecond = 1000;
// So often a job may meet a worker that dies before it begins.
constexpr int kDeathsBorne = 3;

}  // namespace

Pool::Pool(int processes, std::vector<std::string> command)
    : processes_(std::max(processes, 1)), command_(std::move(command)) {}

Pool::~Pool() = default;

void Pool::Run() {
  Dispatch();
  while (Playing() > 0) {
    Wait();
    Dispatch();
  }
}

std::size_t Pool::Playing() const {
  return std::count_if(workers_.begin(), workers_.end(),
                       [](const auto& worker) { return !worker->told.empty(); });
}

void Pool::Dispatch() {
  while (!waiting_.empty()) {
    if (waiting_.front().wanted && !waiting_.front().wanted()) {
      waiting_.pop_front();
      continue;
    }
    Worker* worker = Choose(waiting_.front());
    if (worker == nullptr) return;
    // If it is gone, the end that `Wait` sees there is dealt with like any other.
    worker->process->Send(waiting_.front().task);
    worker->fresh = false;
    worker->told.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
}

Pool::Worker* Pool::Choose(const Job& job) {
  Worker* best = nullptr;
  for (const auto& worker : workers_) {
    if (worker->single || worker->process->settings() != job.settings) continue;
    if (job.fresh && !worker->fresh) continue;
    if (best == nullptr || worker->told.size() < best->told.size()) best = worker.get();
  }
  if (Playing() < processes_) {
    const bool idle = best != nullptr && best->told.empty();
    return idle && !job.fresh ? best : Start(job);
  }
  return best != nullptr && !job.fresh && !best->told.empty() && best->told.size() < kToldAhead
             ? best
             : nullptr;
}

Pool::Worker* Pool::Start(const Job& job) {
  MakeRoom();
  auto worker = std::make_unique<Worker>();
  worker->process = std::make_unique<WorkerProcess>(job.settings, command_);
  worker->single = job.fresh;
  workers_.push_back(std::move(worker));
  return workers_.back().get();
}

void Pool::MakeRoom() {
  while (workers_.size() - Playing() >= kIdleKept) {
    const auto idle = std::find_if(workers_.begin(), workers_.end(),
                                   [](const auto& worker) { return worker->told.empty(); });
    workers_.erase(idle);
  }
}

void Pool::Wait() {
  std::vector<pollfd> sockets;
  std::vector<Worker*> polled;
  for (const auto& worker : workers_) {
    if (worker->told.empty()) continue;
    sockets.push_back({worker->process->socket(), POLLIN, 0});
    polled.push_back(worker.get());
  }
  if (poll(sockets.data(), sockets.size(), kSecond) == 0) return KillStuck();
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    if (sockets[i].revents != 0) Hear(*polled[i]);
  }
}

void Pool::Hear(Worker& worker) {
  RunResult result;
  std::string why;
  worker.stuck_for = 0;
  switch (worker.process->Receive(result, why)) {
    case WorkerProcess::Event::kReady:
      return;
    case WorkerProcess::Event::kResult:
      return Finish(worker, result);
    case WorkerProcess::Event::kEnd:
      return BuryOne(worker);
    case WorkerProcess::Event::kUnfit:
      return Refuse(worker, why);
  }
}

void Pool::Finish(Worker& worker, const RunResult& result) {
  const Job job = std::move(worker.told.front());
  worker.told.pop_front();
  if (worker.single) Remove(worker);
  if (job.done) job.done(result);
}

void Pool::BuryOne(Worker& worker) {
  Job job = std::move(worker.told.front());
  worker.told.pop_front();
  // What it had not begun is played elsewhere, in the same order.
  std::move(worker.told.rbegin(), worker.told.rend(), std::front_inserter(waiting_));
  const bool begun = worker.process->playing();
  const RunResult result = worker.process->Bury(job.task);
  Remove(worker);
  if (!begun && ++job.deaths < kDeathsBorne) {
    waiting_.push_front(std::move(job));
    return;
  }
  if (job.done) job.done(result);
}

void Pool::Refuse(Worker& worker, const std::string& why) {
  const std::deque<Job> told = std::move(worker.told);
  Remove(worker);
  for (const Job& job : told) {
    RunResult result;
    result.set_scenario(job.task.scenario());
    result.set_seed(job.task.seed());
    result.set_verdict(RUN_FAILED);
    result.mutable_failure()->set_kind(FAILURE_REFUSED);
    result.mutable_failure()->set_statement("module.loads");
    result.mutable_failure()->set_sentence("An implementation can be loaded by this program.");
    result.mutable_failure()->set_detail(why);
    if (job.done) job.done(result);
  }
}

void Pool::Remove(Worker& worker) {
  std::erase_if(workers_, [&](const auto& other) { return other.get() == &worker; });
}

void Pool::KillStuck() {
  for (const auto& worker : workers_) {
    if (worker->told.empty()) continue;
    worker->stuck_for = worker->process->IsStuck() ? worker->stuck_for + 1 : 0;
    if (worker->stuck_for >= kStuckSeconds) worker->process->Kill();
  }
}

}  // namespace quorum::run
