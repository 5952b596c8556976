#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

namespace quorum::report {

/// A message on one line, short enough for a diagram: `id{client=101 sequence=2} text="word 3"`.
/// Fields that are not set do not show, nor those that are `undrawn` (common/storage/stored.proto);
/// of a list of messages that have but one field besides, the values: `members=[1 2]`. Strings are
/// cut, long lists too. Of an empty message "".
/// With `verdicts`, the message's own yes or no shows also when it is no.
std::string ShortText(const google::protobuf::Message& message, bool verdicts = false);

/// The same of bytes of which nothing is known: as a string when they can be read as one, else as
/// fields by number when they can, else only how many they are.
std::string ShortTextOfBytes(std::string_view bytes);

}  // namespace quorum::report
