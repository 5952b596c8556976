#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/env/time.h"
#include "common/storage/write_batch.h"
#include "grader/sim/event_queue.h"

namespace quorum::sim {

/// What a line of a trace tells.
enum class TraceKind : std::uint8_t {
  kBoot,        ///< the process of `node` starts
  kRefuse,      ///< it does not start: its disk is corrupt
  kCrash,       ///< it dies; `id`: the last write that its disk has kept
  kPause,       ///< it is stopped, as by SIGSTOP
  kResume,      ///< and goes on
  kSend,        ///< a message leaves `node` for `peer`: what it waited for is durable
  kLost,        ///< a message of `node` never leaves: it waits for a write as `node` dies
  kDeliver,     ///< a message from `peer` reaches `node`
  kDrop,        ///< the network loses a message from `node` to `peer`
  kDuplicate,   ///< the network will deliver it once more
  kRefused,     ///< a call of `node` fails at once: nothing listens at `peer`
  kTimer,       ///< a timer of `node` fires
  kTimeout,     ///< a call of `node` to `peer`, whose request was `id`, runs into its deadline
  kWrite,       ///< `node` writes a batch; `flag`: synced
  kWriteError,  ///< a write of `node` fails: the disk is full
  kDurable,     ///< an fsync of `node` is done; `id`: the last write that it covers
  kLog,         ///< `node` says something by `Env::Log`
  kInvoke,      ///< a client's operation, numbered `id`, begins at `node`
  kReturn,      ///< and ends
  kFault,       ///< the machine room: the payload says what
  kNote,        ///< the scenario says something
};

/// One thing that happened, in a form small enough to keep them all. The payload is a message, as
/// its sender serialised it; the status, when it is an error; a batch, as `EncodeBatch` has it; or
/// a text.
struct TraceRecord {
  SimTime at = 0;
  std::uint64_t id = 0;  ///< of the message, write or operation; pairs sends with deliveries
  NodeId node = 0;
  NodeId peer = 0;
  TraceKind kind{};
  std::uint8_t flag = 0;         ///< of a message: 1 a response, 2 an error; of a write: 1 synced
  std::uint16_t method = 0;      ///< index into `Trace::methods`
  std::uint32_t payload_at = 0;  ///< where its payload begins; it ends where the next one's begins
};
static_assert(sizeof(TraceRecord) == 32, "A run has millions of these.");

/// Everything that happened in a run. The hash is always kept: equal hashes mean equal runs, event
/// for event. The records and their payloads only on request.
class Trace {
 public:
  explicit Trace(bool keep) : keep_(keep) {}

  void Add(TraceRecord record, std::string_view payload = {});

  std::uint64_t hash() const { return hash_; }
  std::uint64_t size() const { return size_; }
  bool kept() const { return keep_; }
  const std::vector<TraceRecord>& records() const { return records_; }
  /// The payload of `record`, which is one of `records()`.
  std::string_view payload(const TraceRecord& record) const {
    const TraceRecord* next = &record + 1;
    const bool last = next == records_.data() + records_.size();
    const std::size_t end = last ? payloads_.size() : next->payload_at;
    return std::string_view(payloads_).substr(record.payload_at, end - record.payload_at);
  }
  /// The number of the method at `path`, as records have it; 0 is no method.
  std::uint16_t MethodNumber(std::string_view path);
  const std::vector<std::string>& methods() const { return methods_; }

 private:
  bool keep_;
  std::uint64_t hash_ = 0;
  std::uint64_t size_ = 0;
  std::vector<TraceRecord> records_;
  std::string payloads_;
  std::vector<std::string> methods_{""};
};

/// A batch as the payload of a kWrite, and back. What is no such payload comes back empty.
std::string EncodeBatch(const WriteBatch& batch);
WriteBatch DecodeBatch(std::string_view payload);

}  // namespace quorum::sim
