#pragma once

#include <string_view>

#include "common/env/source_place.h"

namespace quorum {

/// Stands where a student's code will stand, and ends the node when it is reached. `what` says what
/// is to be written there and which step of the handout explains it; the grader prints it.
[[noreturn]] void NotWritten(std::string_view what, SourcePlace where = SourcePlace::Here());

/// Installs who is told (null: like a failed check) and returns the previous one; never returns
/// when called.
using NotWrittenHandler = void (*)(std::string_view what, SourcePlace where);
NotWrittenHandler SetNotWrittenHandler(NotWrittenHandler handler);

}  // namespace quorum
