#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/storage/durable_store.h"

namespace quorum {

/// A store that lives as long as this object: the disk of nodes that keep nothing, such as clients,
/// and of tests.
class MemoryStore : public DurableStore {
 public:
  std::optional<std::string> Get(std::string_view key) const override {
    const auto found = values_.find(key);
    if (found == values_.end()) return std::nullopt;
    return found->second;
  }

  void Scan(std::string_view prefix,
            absl::FunctionRef<bool(std::string_view, std::string_view)> visit) const override {
    for (auto at = values_.lower_bound(prefix); at != values_.end(); ++at) {
      if (!at->first.starts_with(prefix) || !visit(at->first, at->second)) return;
    }
  }

  absl::Status Append(const WriteBatch& batch) override {
    for (const WriteBatch::Change& change : batch.changes()) {
      if (change.value) {
        values_[change.key] = *change.value;
      } else {
        values_.erase(change.key);
      }
    }
    return absl::OkStatus();
  }

  absl::Status Flush() override { return absl::OkStatus(); }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace quorum
