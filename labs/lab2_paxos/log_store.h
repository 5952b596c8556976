#pragma once

#include <map>
#include <string>

#include "common/env/env.h"
#include "common/env/node_config.pb.h"
#include "common/log/state_machine.h"
#include "labs/lab2_paxos/ballot.h"

namespace quorum::paxos {

/// The acceptor of all slots: what this node has promised, accepted and learned, in memory as it is
/// on the disk. A function that returns an error has changed nothing.
class LogStore {
 public:
  LogStore(Storage& storage, const NodeConfig& config);

  /// False: this node has lost its disk. It then keeps only what is decided.
  bool votes() const { return votes_; }
  const Ballot& promised() const { return promised_; }
  /// Everything up to here is decided, and is here: as entries or in the snapshot.
  LogIndex committed() const { return committed_; }
  const Snapshot& snapshot() const { return snapshot_; }
  /// The entry at `index`; null: nothing was accepted there, or it is discarded.
  const Entry* Find(LogIndex index) const;

  /// Phase 1b for every slot: from now on nothing below `ballot` is accepted.
  absl::Status Promise(const Ballot& ballot);
  /// What a promise reports: everything accepted above `known` and above what is decided here.
  PrepareLogResponse Report(LogIndex known) const;
  /// Phase 2b for these slots. `ballot` is not below the promise, and becomes it.
  absl::Status Accept(const Ballot& ballot,
                      const google::protobuf::RepeatedPtrField<Entry>& entries);

  /// Everything up to `index` is decided, and what is accepted there is the decision. The disk is
  /// told with the next batch: to forget it does no harm.
  void Commit(LogIndex index) { committed_ = index; }
  /// Keeps entries that are decided, the first one being the one after `committed`.
  absl::Status KeepDecided(const google::protobuf::RepeatedPtrField<Entry>& entries);
  /// Keeps a snapshot of the state after its index, and discards the entries up to there. What it
  /// covers is decided.
  absl::Status KeepSnapshot(const Snapshot& snapshot);

 private:
  absl::Status Write(WriteBatch& batch);

  Storage& storage_;
  bool votes_ = true;
  Ballot promised_;
  std::map<LogIndex, Entry> entries_;
  LogIndex committed_ = 0;
  Snapshot snapshot_;
};

}  // namespace quorum::paxos
