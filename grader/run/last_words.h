#pragma once

#include <cstdint>
#include <string_view>

namespace quorum::run {

/// Why a worker process ended, as far as it could still say so itself.
enum class Cause : std::uint32_t {
  kNone,
  kSignal,  ///< SIGSEGV and its kin; the last words name it
  kStackOverflow,
  kEndless,    ///< one handler has used up its CPU time
  kMemory,     ///< no more memory is granted
  kExit,       ///< somebody called exit
  kTerminate,  ///< std::terminate: an exception that nobody could catch
  kBlocked,    ///< it slept without end; its parent says so
};

/// What `InstallLastWords` watches over.
struct Limits {
  std::uint32_t cpu_seconds = 2;   ///< of one handler
  std::uint64_t memory_bytes = 0;  ///< that a run may use; 0: no limit
  bool sanitized = false;          ///< a sanitizer reports crashes better than we do
};

/// Arranges that, however this process ends while a run is played, the flight recorder knows why.
void InstallLastWords(const Limits& limits);

/// Student code lies in [begin, end): the module numbered in the order of these calls.
void AddModuleCode(std::uintptr_t begin, std::uintptr_t end);

/// An exception is being thrown.
void NoteThrow();
/// Whether a function of a module was on the stack when the last exception was thrown.
bool LastThrowWasInModule();

}  // namespace quorum::run
