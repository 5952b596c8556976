#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "grader/run/run.pb.h"
#include "grader/run/worker_process.h"

namespace quorum::run {

/// One run to be made in some worker process.
struct Job {
  Task task;
  Settings settings;
  bool fresh = false;                          ///< in a process that has played nothing before
  std::function<bool()> wanted;                ///< asked when its turn comes; empty: always
  std::function<void(const RunResult&)> done;  ///< called once, unless it was not wanted any more
  int deaths = 0;  ///< for the pool: of workers that had not yet begun it
};

/// Plays jobs in worker processes, several at a time. A worker that dies costs the run that it was
/// playing, and no other.
class Pool {
 public:
  /// `processes` workers play at a time; `command` are this program's arguments that make it one.
  Pool(int processes, std::vector<std::string> command);
  ~Pool();

  /// Queues a job; first come, first served. May be called from a `done`.
  void Add(Job job) { waiting_.push_back(std::move(job)); }
  /// The same, before all others.
  void AddNext(Job job) { waiting_.push_front(std::move(job)); }

  /// Returns when no job is left.
  void Run();

 private:
  struct Worker {
    std::unique_ptr<WorkerProcess> process;
    std::deque<Job> told;  ///< the oldest one is being played
    bool fresh = true;     ///< nothing was ever told
    bool single = false;   ///< for one job only
    int stuck_for = 0;     ///< seconds
  };

  void Dispatch();
  Worker* Choose(const Job& job);
  Worker* Start(const Job& job);
  void MakeRoom();
  void Wait();
  void Hear(Worker& worker);
  void Finish(Worker& worker, const RunResult& result);
  void BuryOne(Worker& worker);
  void Refuse(Worker& worker, const std::string& why);
  void Remove(Worker& worker);
  void KillStuck();
  std::size_t Playing() const;

  const std::size_t processes_;
  const std::vector<std::string> command_;
  std::deque<Job> waiting_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace quorum::run
