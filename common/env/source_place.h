#pragma once

namespace quorum {

/// A line of a source file; as a default argument `SourcePlace::Here()`, the line of the call. It
/// is what `std::source_location` is for, and which Debian 12's clangd and clang-tidy cannot read.
struct SourcePlace {
  const char* file;
  int line;

  static constexpr SourcePlace Here(const char* file = __builtin_FILE(),
                                    int line = __builtin_LINE()) {
    return {file, line};
  }
};

}  // namespace quorum
