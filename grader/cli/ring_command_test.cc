#include "grader/cli/ring_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "common/node/module_loader.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace quorum::cli {
namespace {

using testing::HasSubstr;

class RingCommandTest : public testing::Test {
 protected:
  // Returns the exit code, and keeps what was printed.
  int Run(std::vector<std::string> arguments) {
    CLI::App app;
    int exit_code = -1;
    AddRingCommand(app, exit_code, [](const std::string& impl, const std::string& lab) {
      return LoadModule(impl.empty() ? SOLUTION : impl == "labs" ? SKELETON : impl);
    });
    arguments.insert(arguments.begin(), "ring");
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    try {
      app.parse(arguments);
    } catch (const CLI::ParseError&) {
      exit_code = kUsage;
    }
    output_ = testing::internal::GetCapturedStdout();
    errors_ = testing::internal::GetCapturedStderr();
    return exit_code;
  }

  static constexpr int kUsage = -2;
  std::string output_;
  std::string errors_;
};

TEST_F(RingCommandTest, PrintsALineAKeyWithItsOwnersLast) {
  EXPECT_EQ(Run({"--nodes", "a,b:2,c", "--replicas", "2", "k1", "k2"}), 0) << errors_;
  EXPECT_THAT(output_, testing::MatchesRegex("k1 [abc] [abc]\nk2 [abc] [abc]\n"));
}

TEST_F(RingCommandTest, ListsEveryNodeOnceWhenThereAreFewerThanReplicas) {
  EXPECT_EQ(Run({"--nodes", "a", "--replicas", "3", "k"}), 0);
  EXPECT_EQ(output_, "k a\n");
}

TEST_F(RingCommandTest, RoutesAsMemcachedClientsDo) {
  EXPECT_EQ(Run({"--scheme", "ketama", "--nodes",
                 "10.0.1.1,10.0.1.2,10.0.1.3,10.0.1.4,10.0.1.5,10.0.1.6,10.0.1.7,10.0.1.8", "apple",
                 "zip"}),
            0);
  EXPECT_EQ(output_, "apple 10.0.1.1\nzip 10.0.1.4\n");
}

TEST_F(RingCommandTest, TakesAPortForPartOfTheNameOnlyInAKetamaRing) {
  EXPECT_EQ(Run({"--scheme", "ketama", "--nodes", "h:11212", "k"}), 0);
  EXPECT_EQ(output_, "k h:11212\n");
  EXPECT_EQ(Run({"--nodes", "h:11212", "k"}), 2);
  EXPECT_THAT(errors_, HasSubstr("too many points"));
}

TEST_F(RingCommandTest, RefusesBadNodesInASentence) {
  EXPECT_EQ(Run({"--nodes", "a,a", "k"}), 2);
  EXPECT_EQ(errors_,
            "quorum: The node \"a\" cannot be added: A node of this name is on the ring.\n");
  EXPECT_EQ(Run({"--nodes", "a,,b", "k"}), 2);
  EXPECT_THAT(errors_, HasSubstr("needs a name"));
  EXPECT_EQ(Run({"--nodes", "a:0", "k"}), 2);
  EXPECT_EQ(Run({"--nodes", "a:heavy", "k"}), 2);
  EXPECT_THAT(errors_, HasSubstr("not a number"));
  EXPECT_EQ(Run({"--impl", "no-such-file", "--nodes", "a", "k"}), 2);
}

TEST_F(RingCommandTest, SaysWhatASkeletonLacks) {
  EXPECT_EQ(Run({"--impl", "labs", "--nodes", "a", "k"}), 1);
  EXPECT_THAT(errors_, HasSubstr("handout 1A"));
}

TEST_F(RingCommandTest, LeavesBadUsageToTheParser) {
  EXPECT_EQ(Run({"--nodes", "a"}), kUsage);
  EXPECT_EQ(Run({"k"}), kUsage);
  EXPECT_EQ(Run({"--scheme", "md5", "--nodes", "a", "k"}), kUsage);
}

}  // namespace
}  // namespace quorum::cli
