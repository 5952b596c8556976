#include "grader/run/vet_rules.h"

#include <array>

namespace quorum::run {
namespace {

constexpr ImportRule kClock = {"reads the clock of this machine",
                               "Read the node's own clock, env.Now()."};
constexpr ImportRule kRandomness = {"gives numbers that no seed determines",
                                    "Draw them from env.Random() and its kin."};
constexpr ImportRule kThread = {
    "starts a thread",
    "Handlers run one at a time on the node's own event loop; set a timer with env.After for what "
    "should happen later."};
constexpr ImportRule kWaiting = {
    "waits, and all other handlers of the node wait with it",
    "Return from the handler, and go on in a timer (env.After) or in the answer of a call."};
constexpr ImportRule kFile = {"uses the file system", "Keep what must last in env.storage()."};
constexpr ImportRule kNetwork = {"talks to the network", "Use env.Call and env.Serve."};
constexpr ImportRule kProcess = {
    "acts on the process or on others",
    "A node is an object among others in one process, and reaches the world through Env alone."};
constexpr ImportRule kOutput = {"prints, or reads what somebody types",
                                "Say it with env.Log: it then appears in the trace of the run."};
constexpr ImportRule kEnvironment = {"reads the environment of the process",
                                     "A node learns how it is set up from its NodeConfig."};

struct Names {
  const ImportRule* rule;
  std::string_view names;  ///< separated by blanks
};
// Functions and objects of C.
constexpr auto kC = std::to_array<Names>({
    {&kClock, "clock_gettime gettimeofday time clock ftime times timespec_get getrusage"},
    {&kRandomness,
     "getrandom getentropy rand srand random srandom drand48 lrand48 mrand48 arc4random "
     "arc4random_buf arc4random_uniform"},
    {&kThread, "pthread_create thrd_create"},
    {&kWaiting,
     "sleep usleep nanosleep clock_nanosleep sched_yield poll select epoll_wait pause sem_wait "
     "pthread_cond_wait pthread_cond_timedwait"},
    {&kFile,
     "open open64 openat creat fopen fopen64 freopen tmpfile unlink rename remove mkdir opendir "
     "mmap"},
    {&kNetwork, "socket socketpair connect getaddrinfo pipe"},
    {&kProcess,
     "fork vfork clone execve execv execvp execl execlp posix_spawn system popen kill signal "
     "sigaction setitimer alarm ptrace prctl syscall dlopen dlsym"},
    {&kOutput,
     "printf fprintf vprintf vfprintf puts fputs putchar putc fputc fwrite write perror read scanf "
     "getchar fgets stdout stderr stdin"},
    {&kEnvironment, "getenv secure_getenv getpid gethostname environ"},
});

struct Named {
  const ImportRule* rule;
  std::string_view name;
};
// What begins the name of a function or object of C++.
constexpr auto kCpp = std::to_array<Named>({
    {&kClock, "std::chrono::_V2::"},
    {&kRandomness, "std::random_device::"},
    {&kThread, "std::thread::"},
    {&kWaiting, "std::this_thread::"},
    {&kWaiting, "std::condition_variable::"},
    {&kFile, "std::basic_filebuf<"},
    {&kFile, "std::basic_ifstream<"},
    {&kFile, "std::basic_ofstream<"},
    {&kFile, "std::basic_fstream<"},
    {&kFile, "std::filesystem::"},
    {&kOutput, "std::cout"},
    {&kOutput, "std::cerr"},
    {&kOutput, "std::clog"},
    {&kOutput, "std::cin"},
});

// What occurs in the name of a function of Abseil, after the namespace of its release.
constexpr auto kAbsl = std::to_array<Named>({
    {&kClock, "::Now()"},
    {&kClock, "::GetCurrentTimeNanos()"},
    {&kRandomness, "::random_internal::"},
    {&kWaiting, "AbslInternalSleepFor"},
    {&kWaiting, "::Mutex::Await"},
    {&kWaiting, "::CondVar::Wait"},
    {&kWaiting, "::Notification::WaitForNotification"},
});

bool HasWord(std::string_view words, std::string_view wanted) {
  for (std::size_t at = words.find(wanted); at != words.npos; at = words.find(wanted, at + 1)) {
    const std::size_t end = at + wanted.size();
    if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' '))
      return true;
  }
  return false;
}

}  // namespace

const ImportRule* FindImportRule(std::string_view name, std::string_view demangled) {
  // With fortified headers, printf is __printf_chk.
  std::string_view plain = name;
  if (plain.starts_with("__") && plain.ends_with("_chk")) plain = plain.substr(2, plain.size() - 6);
  for (const Names& known : kC) {
    if (HasWord(known.names, plain)) return known.rule;
  }
  for (const Named& known : kCpp) {
    if (demangled.starts_with(known.name)) return known.rule;
  }
  if (!demangled.starts_with("absl::") && !name.starts_with("Absl")) return nullptr;
  for (const Named& known : kAbsl) {
    if (demangled.find(known.name) != demangled.npos) return known.rule;
  }
  return nullptr;
}

}  // namespace quorum::run
