#include "plain_raft.h"

namespace quorum::raft {

void PlainRaft::Load(const NodeConfig& config) {
  const auto state = GetMessage<TermAndVote>(env_.storage(), kStateKey);
  lost_ = !state && !config.first_boot();
  state_ = state.value_or(TermAndVote());
  snapshot_ = GetMessage<Snapshot>(env_.storage(), kSnapshotKey).value_or(Snapshot());
  env_.storage().Scan(kEntryPrefix, [this](std::string_view, std::string_view bytes) {
    Entry entry;
    Check(entry.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())),
          "An entry is read as it was stored.");
    log_[entry.index()] = entry;
    return true;
  });
  FindConfiguration();
}

Term PlainRaft::TermOf(LogIndex index) const {
  if (index == base()) return snapshot_.last_included_term();
  const auto found = log_.find(index);
  return found == log_.end() ? 0 : found->second.term();
}

absl::Status PlainRaft::SetTerm(Term term, NodeId vote) {
  TermAndVote next;
  next.set_current_term(term);
  next.set_voted_for(vote);
  WriteBatch batch;
  batch.PutMessage(kStateKey, next);
  const absl::Status written = env_.storage().Write(batch);
  if (written.ok()) state_ = next;
  return written;
}

absl::Status PlainRaft::Replace(const std::vector<Entry>& entries) {
  WriteBatch batch;
  const LogIndex from = entries.front().index();
  for (auto at = log_.lower_bound(from); at != log_.end(); ++at) batch.Delete(EntryKey(at->first));
  for (const Entry& entry : entries) batch.PutMessage(EntryKey(entry.index()), entry);
  const absl::Status written = env_.storage().Write(batch);
  if (!written.ok()) return written;
  log_.erase(log_.lower_bound(from), log_.end());
  for (const Entry& entry : entries) log_[entry.index()] = entry;
  const bool tells = std::any_of(entries.begin(), entries.end(),
                                 [](const Entry& entry) { return entry.has_configuration(); });
  if (tells || from <= now_at_) FindConfiguration();
  return written;
}

absl::Status PlainRaft::KeepSnapshot(const Snapshot& snapshot) {
  const LogIndex index = snapshot.last_included_index();
  const bool fits = TermOf(index) == snapshot.last_included_term();
  const auto end = fits ? log_.upper_bound(index) : log_.end();
  WriteBatch batch;
  batch.PutMessage(kSnapshotKey, snapshot);
  for (auto at = log_.begin(); at != end; ++at) batch.Delete(EntryKey(at->first));
  const absl::Status written = env_.storage().Write(batch);
  if (!written.ok()) return written;
  log_.erase(log_.begin(), end);
  snapshot_ = snapshot;
  FindConfiguration();
  return written;
}

}  // namespace quorum::raft
