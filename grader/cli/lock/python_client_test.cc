// A client in Python, without anything of ours, beside one with the library.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>

#include "grader/cli/lock/lock_testing.h"

namespace quorum::cli::testing {
namespace {

using ::testing::StartsWith;

TEST(PythonClient, HoldsALockAndKeepsItsSession) {
  LockCell cell(/*lease_seconds=*/4);
  ::setenv("PYTHONPATH", PYTHON_MESSAGES, 1);
  std::vector<std::string> command = {"/usr/bin/python3", "grader/cli/lock/python_client.py",
                                      cell.tls(), "alice", "/ls/local/shared-lock"};
  for (const auto& [node, address] : cell.servers().addresses()) command.push_back(address);
  ChildProcess python(command);
  EXPECT_THAT(python.ReadLine(), StartsWith("session "));
  EXPECT_EQ(python.ReadLine(), "generation 1");
  const auto next = cell.Run(
      {"acquire", "/ls/local/shared-lock", "--", "sh", "-c", "echo $QUORUM_LOCK_GENERATION"});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(python.ReadLine(), "alive");
  EXPECT_EQ(python.ReadLine(), "ended");
  EXPECT_EQ(python.Wait(), 0) << python.errors();
  EXPECT_EQ(next->ReadLine(), "2");
  EXPECT_EQ(next->Wait(), 0);
}

}  // namespace
}  // namespace quorum::cli::testing
