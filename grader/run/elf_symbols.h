#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace quorum::run {

/// One entry of the symbol table of a loadable module.
struct ElfSymbol {
  enum class Kind { kFunction, kObject, kThreadLocal, kOther };

  std::string name;  ///< as the linker knows it
  Kind kind = Kind::kOther;
  std::uint64_t address = 0;  ///< relative to where the module is loaded
  std::uint64_t size = 0;
  bool defined = false;      ///< false: to be found in another library
  std::string section = {};  ///< that it lies in, for example ".bss"; empty if not defined
  bool writable = false;     ///< whether that section is writable

  /// The name as it stands in the source.
  std::string Demangled() const;
};

/// The symbols of the module in the file `path`. INVALID_ARGUMENT: it is no shared library.
absl::StatusOr<std::vector<ElfSymbol>> ReadSymbols(const std::string& path);

/// The source names of the functions of the module `path` that contain the given offsets.
std::vector<std::string> FunctionsAt(const std::string& path,
                                     const std::vector<std::uint64_t>& offsets);

}  // namespace quorum::run
