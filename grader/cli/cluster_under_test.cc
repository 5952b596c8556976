#include "grader/cli/cluster_under_test.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>

#include "grader/cli/call_command.h"

namespace quorum::cli {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::string ReadAll(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

ClusterUnderTest::ClusterUnderTest(std::string lab, Finder find)
    : lab_(std::move(lab)), find_(std::move(find)) {
  std::string name = (fs::temp_directory_path() / "quorum-XXXXXX").string();
  home_ = ::mkdtemp(name.data());
}

ClusterUnderTest::~ClusterUnderTest() {
  if (child_ != 0) Stop();
  fs::remove_all(home_);
}

void ClusterUnderTest::Begin(const std::string& arguments) {
  for (const char* file : {"cluster.json", "out", "err"}) fs::remove(home_ / file);
  child_ = ::fork();
  if (child_ != 0) return;
  std::freopen((home_ / "out").c_str(), "w", stdout);
  std::freopen((home_ / "err").c_str(), "w", stderr);
  CLI::App app;
  int exit_code = 0;
  AddClusterCommand(app, exit_code, {find_, home_.string()});
  try {
    app.parse("cluster " + lab_ + " --base-port 0 " + arguments, false);
  } catch (const CLI::ParseError&) {
    exit_code = 2;
  }
  std::fflush(nullptr);
  ::_exit(exit_code);
}

void ClusterUnderTest::AwaitOutput(const std::string& text) const {
  for (int i = 0; i < 6000 && ReadAll(home_ / "out").find(text) == std::string::npos; ++i) {
    ::usleep(10'000);
  }
  EXPECT_THAT(ReadAll(home_ / "out"), HasSubstr(text)) << ReadAll(home_ / "err");
}

void ClusterUnderTest::Kill(int number) const {
  // The system knows whose children the nodes are; the first one was started first.
  const std::string child = std::to_string(child_);
  std::ifstream in(fs::path("/proc") / child / "task" / child / "children");
  pid_t node = 0;
  for (int i = 0; i < number; ++i) in >> node;
  ASSERT_TRUE(in && node > 0);
  ::kill(node, SIGKILL);
}

int ClusterUnderTest::End() {
  int status = 0;
  ::waitpid(std::exchange(child_, 0), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int ClusterUnderTest::Stop() {
  ::kill(child_, SIGINT);
  return End();
}

std::pair<int, std::string> ClusterUnderTest::Call(std::vector<std::string> arguments) const {
  CLI::App app;
  int exit_code = -1;
  AddCallCommand(app, exit_code, (home_ / "cluster.json").string());
  arguments.insert(arguments.begin(), "call");
  std::reverse(arguments.begin(), arguments.end());
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  app.parse(std::move(arguments));
  return {exit_code,
          ::testing::internal::GetCapturedStdout() + ::testing::internal::GetCapturedStderr()};
}

}  // namespace quorum::cli
