#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "common/env/time.h"

namespace quorum::testing {

/// A program that a test runs beside itself; killed with this object.
class ChildProcess {
 public:
  /// Starts `command`, whose first word is a path.
  explicit ChildProcess(const std::vector<std::string>& command);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  /// Waits for a line on its standard output; empty when it ends without.
  std::string ReadLine();
  /// Sends a signal.
  void Signal(int signal);
  /// The processor time that it has used so far, in all its threads; while it runs.
  Duration CpuTime() const;
  /// Waits for its end: the exit code, or minus the signal that killed it.
  int Wait();
  /// What it wrote to standard error; after `Wait`.
  const std::string& errors() const { return errors_; }

 private:
  pid_t pid_ = 0;
  int output_ = -1;
  int error_output_ = -1;
  std::string errors_;
};

}  // namespace quorum::testing
