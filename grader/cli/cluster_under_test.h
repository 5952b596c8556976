#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "grader/cli/cluster_command.h"

namespace quorum::cli {

std::string ReadAll(const std::filesystem::path& path);

/// `quorum cluster` with one lab, in a process of its own, and `quorum call` beside it. All that
/// they write goes into a folder that ends with the test.
class ClusterUnderTest : public ::testing::Test {
 protected:
  using Finder = decltype(ClusterTools::find);

  ClusterUnderTest(std::string lab, Finder find);
  ~ClusterUnderTest() override;

  /// Runs the command in a process of its own, as it waits for signals.
  void Begin(const std::string& arguments);
  /// Waits until the command has printed `text`.
  void AwaitOutput(const std::string& text) const;
  /// SIGKILL for a node: the `number`th of those that the command has started and that still run.
  void Kill(int number) const;
  /// Waits until the command ends; its exit code.
  int End();
  /// The same, once it was told to.
  int Stop();

  /// Runs `call` here: its exit code, and what it printed.
  std::pair<int, std::string> Call(std::vector<std::string> arguments) const;

  std::filesystem::path home_;

 private:
  const std::string lab_;
  const Finder find_;
  pid_t child_ = 0;
};

}  // namespace quorum::cli
