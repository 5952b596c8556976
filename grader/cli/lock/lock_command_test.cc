// `quorum lock` as anybody uses it, on a cell of real processes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <fstream>

#include "grader/cli/lock/lock_testing.h"

namespace quorum::cli::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Outcome = LockCell::Outcome;

/// One cell for all: each test has files of its own.
class LockCommand : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { cell_ = new LockCell; }
  static void TearDownTestSuite() { delete cell_; }

  /// A command that says that it runs, and ends when somebody writes to `gate`.
  static std::string UntilOpened(const std::string& gate) {
    ::mkfifo((cell_->home() / gate).c_str(), 0600);
    return "echo running; cat " + (cell_->home() / gate).string();
  }
  static void OpenGate(const std::string& gate) { std::ofstream(cell_->home() / gate) << "bye\n"; }

  static LockCell* cell_;
};
LockCell* LockCommand::cell_ = nullptr;

TEST_F(LockCommand, KeepsFiles) {
  EXPECT_EQ(cell_->Do({"put", "--parents", "/ls/local/a/b/c", "hello"}), (Outcome{0, ""}));
  EXPECT_EQ(cell_->Do({"get", "/ls/local/a/b/c"}), (Outcome{0, "hello\n"}));
  EXPECT_EQ(cell_->Do({"put", "--if-generation", "2", "/ls/local/a/b/c", "again"}),
            (Outcome{0, ""}));
  EXPECT_EQ(cell_->Do({"put", "--if-generation", "2", "/ls/local/a/b/c", "late"}),
            (Outcome{1, "quorum lock: Not written: the content generation is 3, not 2.\n"}));
  EXPECT_THAT(cell_->Do({"get", "--stat", "/ls/local/a/b/c"}).output,
              ::testing::MatchesRegex("file: instance .*, content generation 3, .* 5 bytes.*\n"));
  EXPECT_EQ(cell_->Do({"mkdir", "/ls/local/a/d"}), (Outcome{0, ""}));
  EXPECT_EQ(cell_->Do({"ls", "/ls/local/a"}), (Outcome{0, "b\nd\n"}));
  EXPECT_EQ(cell_->Do({"rm", "/ls/local/a"}),
            (Outcome{1, "quorum lock: The directory is not empty.\n"}));
  EXPECT_EQ(cell_->Do({"rm", "/ls/local/a/b/c"}), (Outcome{0, ""}));
  EXPECT_EQ(cell_->Do({"get", "/ls/local/a/b/c"}),
            (Outcome{1, "quorum lock: There is no /ls/local/a/b/c.\n"}));
}

TEST_F(LockCommand, RefusesBadInputInASentence) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
      {{}, "subcommand"},
      {{"dance"}, "dance"},
      {{"get"}, "PATH is required"},
      {{"get", "file"}, "\"file\" is no path"},
      {{"get", "/ls/local/../x"}, "A component of a path"},
      {{"get", "/ls/other/x"}, "Every path of this cell begins with /ls/local/."},
      {{"put", "/ls/local/x", "y", "--if-generation", "many"}, "--if-generation"},
      {{"acquire", "/ls/local/x", "--wait", "-1", "--", "true"}, "--wait"},
      {{"elect", "/ls/local/x"}, "Say the VALUE"},
      {{"ls", "/ls/local", "--tls", "/no/such"}, "/no/such/ca.crt"},
      {{"ls", "/ls/local", "--as", "carol"}, "carol.crt"},
      {{"ls", "/ls/local", "--servers", "nowhere"}, "\"nowhere\" is not HOST:PORT"},
      {{"ls", "/ls/local", "--cluster", "/no/such.json"}, "There is no /no/such.json"},
  };
  for (const auto& [arguments, sentence] : wrong) {
    const Outcome outcome = cell_->Do(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.output;
    EXPECT_THAT(outcome.output, StartsWith("quorum"));
    EXPECT_THAT(outcome.output, HasSubstr(sentence));
    EXPECT_EQ(std::ranges::count(outcome.output, '\n'), 1) << outcome.output;
  }
}

TEST_F(LockCommand, SaysWhenNobodyAnswers) {
  EXPECT_EQ(cell_->Do({"ls", "/ls/local", "--servers", "127.0.0.1:1", "--timeout", "0.1"}),
            (Outcome{1, "quorum lock: The cell does not answer.\n"}));
}

TEST_F(LockCommand, RunsACommandAndSaysHowItEnded) {
  const auto run = [](const std::string& script) {
    return cell_->Do({"acquire", "/ls/local/run", "--", "sh", "-c", script});
  };
  EXPECT_EQ(run("echo $QUORUM_LOCK_PATH; exit 7"), (Outcome{7, "/ls/local/run\n"}));
  EXPECT_EQ(run("kill -9 $$"), (Outcome{128 + 9, ""}));
  const int first = std::stoi(run("echo $QUORUM_LOCK_GENERATION").output);
  EXPECT_GT(std::stoi(run("echo $QUORUM_LOCK_GENERATION").output), first);
  EXPECT_EQ(cell_->Do({"acquire", "/ls/local/run", "--", "no-such-program", "--wait"}),
            (Outcome{127, "quorum lock: no-such-program is not found.\n"}));
}

TEST_F(LockCommand, LetsOneRunAtATime) {
  const auto first = cell_->Run({"acquire", "/ls/local/one", "--", "sh", "-c", UntilOpened("one")});
  EXPECT_EQ(first->ReadLine(), "running");
  EXPECT_EQ(cell_->Do({"acquire", "--wait", "0.1", "/ls/local/one", "--", "echo", "two"}),
            (Outcome{124, "quorum lock: /ls/local/one was not free within 0.1 s.\n"}));
  const auto next = cell_->Run({"acquire", "/ls/local/one", "--", "echo", "after it"});
  OpenGate("one");
  EXPECT_EQ(first->ReadLine(), "bye");
  EXPECT_EQ(LockCell::EndOf(*first), (Outcome{0, ""}));
  EXPECT_EQ(next->ReadLine(), "after it");
  EXPECT_EQ(LockCell::EndOf(*next), (Outcome{0, ""}));
}

TEST_F(LockCommand, PassesSignalsOn) {
  const auto holder =
      cell_->Run({"acquire", "/ls/local/signal", "--", "sh", "-c",
                  "trap 'exit 9' TERM; echo running; while :; do sleep 0.01; done"});
  EXPECT_EQ(holder->ReadLine(), "running");
  holder->Signal(SIGTERM);
  EXPECT_EQ(holder->Wait(), 9);
}

TEST_F(LockCommand, KillsItsCommandWithItself) {
  const auto holder = cell_->Run({"acquire", "/ls/local/killed", "--", "sh", "-c",
                                  "echo running; while :; do sleep 0.01; done"});
  EXPECT_EQ(holder->ReadLine(), "running");
  holder->Signal(SIGKILL);
  EXPECT_EQ(holder->ReadLine(), "");  // nobody has the pipe open any more
}

TEST_F(LockCommand, WatchesFilesAndDirectories) {
  ASSERT_EQ(cell_->Do({"put", "--parents", "/ls/local/w/f", "1"}).exit_code, 0);
  const auto file = cell_->Run({"watch", "--count", "2", "/ls/local/w/f"});
  const auto directory = cell_->Run({"watch", "--count", "2", "/ls/local/w"});
  EXPECT_EQ(file->ReadLine(), "watching /ls/local/w/f");
  EXPECT_EQ(directory->ReadLine(), "watching /ls/local/w");
  cell_->Do({"put", "/ls/local/w/f", "2"});
  cell_->Do({"acquire", "/ls/local/w/f", "--", "true"});
  cell_->Do({"put", "/ls/local/w/g", "1"});
  cell_->Do({"rm", "/ls/local/w/g"});
  EXPECT_EQ(file->ReadLine(), "CONTENTS_CHANGED /ls/local/w/f");
  EXPECT_EQ(file->ReadLine(), "LOCK_ACQUIRED /ls/local/w/f");
  EXPECT_EQ(directory->ReadLine(), "CHILD_ADDED /ls/local/w g");
  EXPECT_EQ(directory->ReadLine(), "CHILD_REMOVED /ls/local/w g");
  EXPECT_EQ(LockCell::EndOf(*file), (Outcome{0, ""}));
  EXPECT_EQ(LockCell::EndOf(*directory), (Outcome{0, ""}));
}

TEST_F(LockCommand, ElectsALeaderAndTellsWhoItIs) {
  const auto one = cell_->Run({"elect", "/ls/local/boss", "one"});
  EXPECT_THAT(one->ReadLine(), StartsWith("/ls/local/boss is held, generation "));
  const auto listener = cell_->Run({"elect", "--listen", "/ls/local/boss"});
  EXPECT_EQ(listener->ReadLine(), "one");
  const auto two = cell_->Run({"elect", "/ls/local/boss", "two"});
  one->Signal(SIGTERM);
  EXPECT_EQ(LockCell::EndOf(*one), (Outcome{0, ""}));
  EXPECT_EQ(listener->ReadLine(), "two");
  EXPECT_THAT(two->ReadLine(), StartsWith("/ls/local/boss is held, generation "));
}

TEST_F(LockCommand, HoldsASession) {
  const auto session = cell_->Run({"session"});
  EXPECT_THAT(session->ReadLine(), ::testing::MatchesRegex("session [0-9]+, epoch [0-9]+"));
  session->Signal(SIGINT);
  EXPECT_EQ(LockCell::EndOf(*session), (Outcome{0, ""}));
}

/// What becomes of a command whose lock is in doubt, or lost: the whole cell is gone meanwhile.
class LostLock : public ::testing::Test {
 protected:
  std::unique_ptr<ChildProcess> Hold(const std::string& grace, const std::string& script) {
    auto holder = cell_.Run({"acquire", "--grace", grace, "/ls/local/lost", "--", "sh", "-c",
                             "echo running; " + script});
    EXPECT_EQ(holder->ReadLine(), "running");
    for (const NodeId node : cell_.servers().nodes()) cell_.servers().Kill(node);
    EXPECT_EQ(holder->ReadLine(),
              "quorum lock: it is not known whether the lock is still held: the command waits.");
    return holder;
  }

  LockCell cell_{/*lease_seconds=*/3};  // losing one does not take long
};

TEST_F(LostLock, StopsTheCommand) {
  const auto holder =
      Hold("0.5", "trap 'echo stopped; exit 3' TERM; exec 2>&-; while :; do sleep 0.01; done");
  EXPECT_EQ(holder->ReadLine(), "quorum lock: the lock is lost: the command is stopped.");
  EXPECT_EQ(holder->ReadLine(), "stopped");
  EXPECT_EQ(holder->Wait(), 125);
}

TEST_F(LostLock, KillsACommandThatDoesNotStop) {
  const auto holder =
      cell_.Run({"acquire", "--grace", "0.5", "--kill-after", "0.1", "/ls/local/lost", "--", "sh",
                 "-c", "trap '' TERM; echo running; while :; do sleep 0.01; done"});
  EXPECT_EQ(holder->ReadLine(), "running");
  for (const NodeId node : cell_.servers().nodes()) cell_.servers().Stop(node);
  EXPECT_EQ(holder->Wait(), 125);
}

TEST_F(LostLock, LetsTheCommandGoOnWhenItIsFound) {
  ::mkfifo((cell_.home() / "gate").c_str(), 0600);
  const auto holder = Hold("600", "cat " + (cell_.home() / "gate").string());
  // A new master promises a whole lease to every session that it finds.
  cell_.servers().StartAll();
  EXPECT_EQ(holder->ReadLine(), "quorum lock: the lock is still held: the command goes on.");
  std::ofstream(cell_.home() / "gate") << "done\n";
  EXPECT_EQ(holder->ReadLine(), "done");
  EXPECT_EQ(LockCell::EndOf(*holder), (Outcome{0, ""}));
}

TEST_F(LostLock, IsNotKnownToAClientThatSleepsButItsTokenIsOld) {
  const std::string gate = (cell_.home() / "gate").string();
  ::mkfifo(gate.c_str(), 0600);
  // It does not stand still while its client sleeps, and writes when it likes: only the token,
  // which it has from before, tells a store that somebody else has come since.
  const auto sleeper = cell_.Run({"acquire", "/ls/local/fenced", "--", "sh", "-c",
                                  "echo $QUORUM_LOCK_GENERATION; cat " + gate +
                                      "; echo $QUORUM_LOCK_GENERATION; exec sleep 1000"});
  const int old_token = std::stoi(sleeper->ReadLine());
  sleeper->Signal(SIGSTOP);
  const Outcome next =
      cell_.Do({"acquire", "/ls/local/fenced", "--", "sh", "-c", "echo $QUORUM_LOCK_GENERATION"});
  EXPECT_EQ(next.exit_code, 0);
  EXPECT_GT(std::stoi(next.output), old_token);
  std::ofstream(gate) << "awake\n";
  EXPECT_EQ(sleeper->ReadLine(), "awake");
  EXPECT_EQ(std::stoi(sleeper->ReadLine()), old_token);
  sleeper->Signal(SIGCONT);
  std::string line = sleeper->ReadLine();
  while (line.find("is not known") != std::string::npos) line = sleeper->ReadLine();
  EXPECT_EQ(line, "quorum lock: the lock is lost: the command is stopped.");
  EXPECT_EQ(sleeper->Wait(), 125);
}

}  // namespace
}  // namespace quorum::cli::testing
