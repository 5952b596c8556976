#include "grader/cli/lock/lock_command.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "grader/cli/lock/lock_options.h"

namespace quorum::cli {
namespace {

constexpr const char* kFooter =
    R"(Example: quorum lock acquire --parents /ls/local/jobs/backup -- ./backup.sh
A PATH begins with the cell's root, /ls/local unless the cell has another name. Without --servers it
is the cell that `quorum cluster lock_service` has started last, with that cell's certificates.
Exit codes: 0 done, 1 the cell says no or does not answer, 2 bad input; see acquire --help for more.)";

constexpr const char* kAcquireFooter =
    R"(Example: quorum lock acquire --wait 30 /ls/local/backup -- ./backup.sh
COMMAND finds QUORUM_LOCK_PATH and QUORUM_LOCK_GENERATION in its environment. The generation rises with
each acquisition: whoever obeys the command should refuse a smaller one than it has seen. Signals INT,
TERM and HUP are passed on to COMMAND and all that it starts.
While it is not known whether the lock is still held, COMMAND stands still (SIGSTOP). When the lock is
lost it gets SIGTERM, and later SIGKILL. Without COMMAND the lock is held until a signal comes.
Exit codes: those of COMMAND (128 + N when signal N has killed it), 124 the lock was not free in time,
125 the lock was lost, 126 or 127 COMMAND cannot be run, 1 the cell says no, 2 bad input.)";

constexpr const char* kElectFooter =
    R"(Example: quorum lock elect /ls/local/leader "$HOSTNAME"
Elsewhere: quorum lock elect --listen /ls/local/leader
Waits for the lock of PATH, writes VALUE into it, and holds it, with COMMAND as `acquire` does. With
--listen it prints who leads, now and whenever that changes.)";

constexpr const char* kWatchFooter =
    R"(Example: quorum lock watch /ls/local/jobs
Prints a line for each event: its kind, the path, and of children the name. No event is lost to a
fail-over; EVENTS_LOST says that some were lost otherwise.)";

using RunVerb = int (*)(const LockOptions&, const LockVerb&);

/// What is wrong with a path that no cell would take, or an empty string.
std::string CheckIsPath(const std::string& path) {
  if (path.starts_with("/ls/") && path.size() > 4 && !path.ends_with('/')) return "";
  return "\"" + path +
         "\" is no path: write /ls/CELL/NAME; the cell is local unless it was given " +
         "another name.";
}

/// Adds verbs to the command `lock`.
class Verbs {
 public:
  Verbs(CLI::App& lock, int& exit_code, std::shared_ptr<LockOptions> options)
      : lock_(lock), exit_code_(exit_code), options_(std::move(options)) {}

  CLI::App* Add(const char* name, const char* about, RunVerb run) {
    verb_ = std::make_shared<LockVerb>();
    app_ = lock_.add_subcommand(name, about);
    app_->fallthrough();
    app_->callback([run, verb = verb_, options = options_, exit_code = &exit_code_] {
      *exit_code = run(*options, *verb);
    });
    return app_;
  }
  void Path(const char* about) {
    app_->add_option("PATH", verb_->path, about)->required()->check(CheckIsPath);
  }
  void Parents() {
    app_->add_flag("-p,--parents", verb_->parents, "Make the directories that are missing");
  }
  void Holding() {
    app_->add_option("--wait", verb_->wait, "Give up after so many seconds; never unless given")
        ->check(CLI::PositiveNumber);
    app_->add_option("--lock-delay", verb_->lock_delay,
                     "If this client dies, nobody gets the lock for so many seconds")
        ->check(CLI::Range(0.0, 60.0));
    app_->add_option("--kill-after", verb_->stop_after,
                     "Seconds between SIGTERM and SIGKILL when the lock is lost; 5 unless given")
        ->check(CLI::NonNegativeNumber);
    Parents();
  }
  void Command() { app_->add_option("COMMAND", verb_->command, "What to run, after --"); }
  LockVerb& verb() { return *verb_; }

 private:
  CLI::App& lock_;
  int& exit_code_;
  const std::shared_ptr<LockOptions> options_;
  std::shared_ptr<LockVerb> verb_;
  CLI::App* app_ = nullptr;
};

void AddCommon(CLI::App& lock, LockOptions& options) {
  lock.add_option("--servers", options.servers,
                  "HOST:PORT of the cell's servers, with commas between")
      ->delimiter(',');
  lock.add_option("--cluster", options.cluster_file, "The cluster.json of another cluster")
      ->take_last();
  lock.add_option("--tls", options.tls, "The folder of certificates");
  lock.add_option("--as", options.name, "Whose certificate to show; client's unless given");
  lock.add_option("--timeout", options.timeout,
                  "How long to wait for each answer, in seconds; 10 unless given")
      ->take_last()
      ->check(CLI::PositiveNumber);
  lock.add_option("--grace", options.grace,
                  "How long to try to save a session after its lease, in seconds; 45 unless given")
      ->check(CLI::PositiveNumber);
  lock.add_option("--impl", options.impl, "Whose session library: labs, solutions or a module");
}

void AddFileVerbs(Verbs& verbs) {
  CLI::App* put = verbs.Add("put", "Write a file; it is made if need be", LockPut);
  verbs.Path("The file");
  put->add_option("VALUE", verbs.verb().value, "Its contents; standard input unless given");
  put->add_option("--if-generation", verbs.verb().if_generation,
                  "Only if its content generation is this one");
  put->add_flag("--stat", verbs.verb().details, "Say what is known of it afterwards");
  verbs.Parents();

  CLI::App* get = verbs.Add("get", "Print a file's contents", LockGet);
  verbs.Path("The file");
  get->add_flag("--stat", verbs.verb().details, "What is known of it instead");

  verbs.Add("ls", "List a directory", LockList);
  verbs.Path("The directory");

  verbs.Add("mkdir", "Make a directory", LockMakeDirectory);
  verbs.Path("The directory");
  verbs.Parents();

  verbs.Add("rm", "Remove a file, or a directory that is empty", LockRemove);
  verbs.Path("The node");

  CLI::App* watch = verbs.Add("watch", "Print what happens to a file or directory", LockWatch);
  watch->footer(kWatchFooter);
  verbs.Path("The node");
  watch->add_option("--count", verbs.verb().count, "End after so many events");
}

void AddHoldingVerbs(Verbs& verbs) {
  CLI::App* acquire = verbs.Add("acquire", "Hold a lock, and run a command meanwhile", LockAcquire);
  acquire->footer(kAcquireFooter);
  verbs.Path("The lock: any file, made if need be");
  acquire->add_flag("--shared", verbs.verb().shared, "Beside other shared holders");
  verbs.Holding();
  verbs.Command();

  CLI::App* elect = verbs.Add("elect", "Run for leader, or hear who leads", LockElect);
  elect->footer(kElectFooter);
  verbs.Path("The election: a file");
  elect->add_option("VALUE", verbs.verb().value, "What the file says while this one leads");
  elect->add_flag("-l,--listen", verbs.verb().listen, "Print who leads");
  verbs.Holding();
  verbs.Command();

  verbs.Add("session", "Hold a session, and print what becomes of it", LockHoldSession);
  verbs.verb().path = "/ls/local";
}

}  // namespace

void AddLockCommand(CLI::App& app, int& exit_code, ModuleSource modules,
                    const std::string& last_cluster) {
  auto options = std::make_shared<LockOptions>();
  options->cluster_file = last_cluster;
  options->modules = std::move(modules);
  CLI::App* lock = app.add_subcommand("lock", "Use a cell of the lock service");
  lock->footer(kFooter);
  lock->require_subcommand(1);
  AddCommon(*lock, *options);
  Verbs verbs(*lock, exit_code, options);
  AddFileVerbs(verbs);
  AddHoldingVerbs(verbs);
}

}  // namespace quorum::cli
