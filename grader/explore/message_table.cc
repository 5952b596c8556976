#include "grader/explore/message_table.h"

#include "absl/strings/str_cat.h"

namespace quorum::explore {

std::uint32_t MessageTable::Number(Message message) {
  std::string key =
      absl::StrCat(message.from, " ", message.to, " ", message.method, " ", message.is_response,
                   " ", message.call, " ", message.request, " ", message.timeout.count(), " ",
                   static_cast<int>(message.status.code()), " ", message.status.message().size(),
                   " ", std::string(message.status.message()), message.payload);
  const auto [at, is_new] =
      numbers_.try_emplace(std::move(key), static_cast<std::uint32_t>(messages_.size()));
  if (is_new) messages_.push_back(std::move(message));
  return at->second;
}

std::uint16_t MessageTable::MethodNumber(const MethodName& name) {
  for (std::size_t i = 0; i < methods_.size(); ++i) {
    if (methods_[i].path == name.path) return static_cast<std::uint16_t>(i);
  }
  CheckMethodExists(name);
  return MethodNumber(std::string_view(name.path));
}

std::uint16_t MessageTable::MethodNumber(std::string_view path) {
  for (std::size_t i = 0; i < methods_.size(); ++i) {
    if (methods_[i].path == path) return static_cast<std::uint16_t>(i);
  }
  bool off = false;
  for (const std::string& other : off_) off = off || other == path;
  methods_.push_back({std::string(path), off});
  return static_cast<std::uint16_t>(methods_.size() - 1);
}

}  // namespace quorum::explore
