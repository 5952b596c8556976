#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/storage/write_batch.h"

namespace quorum {

/// What the real `Env` needs of a disk: `Storage` with writing and making durable taken apart, so
/// that the node's loop goes on while another thread waits for the disk. Reads never fail: a store
/// that cannot read back its data ends the process with a sentence.
class DurableStore {
 public:
  virtual ~DurableStore() = default;

  /// As `Storage::Get`.
  virtual std::optional<std::string> Get(std::string_view key) const = 0;

  /// As `Storage::Scan`.
  virtual void Scan(
      std::string_view prefix,
      absl::FunctionRef<bool(std::string_view key, std::string_view value)> visit) const = 0;

  /// Applies `batch`, all of it or nothing; reads see it at once, a crash may lose it. An error
  /// means that nothing was applied, and that a later `Append` may succeed.
  virtual absl::Status Append(const WriteBatch& batch) = 0;

  /// Makes durable everything that was appended before the call. Called by one thread at a time,
  /// which may be another one than appends meanwhile. After an error nobody knows what is durable.
  virtual absl::Status Flush() = 0;
};

}  // namespace quorum
