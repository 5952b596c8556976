#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/env/check.h"
#include "common/storage/write_batch.h"

namespace quorum {

/// How `Storage::Write` treats its batch.
struct WriteOptions {
  /// True: the batch, and every earlier one, is durable before anything that the node sends after
  /// the call can be seen by others. False: a crash may lose it.
  bool sync = true;
};

/// A node's own disk: an ordered map from keys to values, both byte strings, as LevelDB and RocksDB
/// have it. It survives crashes and restarts of the node; keys are ordered as unsigned bytes.
///
/// Reads see every earlier write of this node, synced or not. A batch is atomic: after a crash all
/// of it is there, or nothing. Of the batches written since the last synced one a crash keeps some
/// prefix. Synced data that cannot be read back keeps the node from booting, so reads never fail.
class Storage {
 public:
  virtual ~Storage() = default;

  /// The value of `key`, or nothing when it has none.
  virtual std::optional<std::string> Get(std::string_view key) const = 0;

  /// Calls `visit(key, value)` for each key that begins with `prefix`, in ascending order, until it
  /// returns false. The views are valid during the call; `visit` must not write.
  virtual void Scan(
      std::string_view prefix,
      absl::FunctionRef<bool(std::string_view key, std::string_view value)> visit) const = 0;

  /// Applies `batch`, all of it or nothing. An error (RESOURCE_EXHAUSTED: the disk is full) means
  /// that nothing was applied; the node goes on. A failed fsync, after which no one can tell what
  /// the disk holds, does not return: it ends the node.
  ///
  /// A synced write *behaves as if* it blocked until the batch is durable. It need not block: the
  /// node goes on with other handlers, and whatever it sends after the call is held back until the
  /// disk is done (external synchrony: Nightingale et al., "Rethink the Sync", OSDI 2006). A reply
  /// sent *before* the write is not held back, and a crash will show it.
  [[nodiscard]] virtual absl::Status Write(const WriteBatch& batch, WriteOptions options) = 0;

  /// The same with `{.sync = true}`.
  [[nodiscard]] absl::Status Write(const WriteBatch& batch) { return Write(batch, WriteOptions{}); }
};

/// Reads the message of type `Message` that is stored at `key`. Nothing when there is none.
template <class Message>
std::optional<Message> GetMessage(const Storage& storage, std::string_view key) {
  const std::optional<std::string> bytes = storage.Get(key);
  if (!bytes) return std::nullopt;
  Message message;
  Check(message.ParseFromString(*bytes), "A stored value is read as the message that was stored.");
  return message;
}

}  // namespace quorum
