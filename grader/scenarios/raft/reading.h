#pragma once

#include "common/storage/write_batch.h"
#include "grader/scenarios/raft/rule.h"

/// What the messages and disks of lab 3 say, for whoever judges them.
namespace quorum::grader::raft {

LogEntry Understand(const quorum::raft::Entry& entry);
AppendMessage Understand(NodeId from, NodeId to, const quorum::raft::AppendEntriesRequest& request);

/// Of a snapshot, on a disk or on its way; null: it has no configuration.
template <class Message>
MembershipPtr MembershipIn(const Message& message) {
  return message.has_configuration() ? UnderstandMembership(message.configuration()) : nullptr;
}

/// What `batch` changes. `entry` is parsed into, so that its buffers are used again.
DiskChange ReadBatch(const WriteBatch& batch, quorum::raft::Entry& entry);

}  // namespace quorum::grader::raft
