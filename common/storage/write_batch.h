#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quorum {

/// A set of changes to a `Storage` that happen together or not at all. Later changes of a key win.
class WriteBatch {
 public:
  /// One change: a new value for `key`, or its deletion.
  struct Change {
    std::string key;
    std::optional<std::string> value;
  };

  void Put(std::string_view key, std::string_view value) {
    changes_.push_back({std::string(key), std::string(value)});
  }
  /// Stores a protocol buffer in its wire format.
  template <class Message>
  void PutMessage(std::string_view key, const Message& message) {
    changes_.push_back({std::string(key), message.SerializeAsString()});
  }
  void Delete(std::string_view key) { changes_.push_back({std::string(key), std::nullopt}); }

  bool empty() const { return changes_.empty(); }
  const std::vector<Change>& changes() const { return changes_; }

 private:
  std::vector<Change> changes_;
};

}  // namespace quorum
