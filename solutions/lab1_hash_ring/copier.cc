#include "labs/lab1_hash_ring/copier.h"

#include <algorithm>
#include <utility>

// [skeleton: #include "common/env/not_written.h"]
#include "labs/lab1_hash_ring/records.h"

namespace quorum::hash_ring {
namespace {

using namespace std::chrono_literals;

constexpr Duration kCallTimeout = 200ms;
constexpr std::string_view kCopiedPrefix = "copied/";

}  // namespace

Copier::Copier(Env& env, NodeId self, std::uint32_t chunk_records,
               absl::AnyInvocable<void(const RingHistory&)> learn)
    : env_(env), self_(self), chunk_records_(chunk_records), learn_(std::move(learn)) {
  // [solution]
  env_.storage().Scan(kCopiedPrefix, [this](std::string_view key, std::string_view) {
    const std::string rest(key.substr(kCopiedPrefix.size()));
    copied_.emplace(std::stoull(rest), std::stoul(rest.substr(rest.find('/') + 1)));
    return true;
  });
  // [end]
  // [skeleton: // Handout 1D, step 6: read from the disk what was copied before.]
}

std::string Copier::CopiedKey(const Source& source) {
  return std::string(kCopiedPrefix) + std::to_string(source.first) + "/" +
         std::to_string(source.second);
}

void Copier::Begin(const Rings& rings) {
  rings_ = &rings;
  asked_.clear();
  fetched_.clear();
}

bool Copier::CompleteAt(const ReplicaLists& lists, std::size_t place) const {
  // [solution: The three cases of the definition in copier.h (handout 1D, step 5).]
  if (!Contains(lists[place], self_)) return false;
  if (place == 0 || CompleteAt(lists, place - 1)) return true;
  const std::uint64_t into = rings_->history().rings(static_cast<int>(place)).epoch();
  const std::vector<NodeId>& old = lists[place - 1];
  return std::any_of(old.begin(), old.end(), [&](NodeId from) {
    return copied_.contains({into, from});
  });
  // [end]
}

bool Copier::Complete(std::string_view key) const {
  // [solution]
  const ReplicaLists lists = rings_->Lists(key);
  return CompleteAt(lists, lists.size() - 1) ||
         fetched_.contains({rings_->epoch(), std::string(key)});
  // [end]
  // [skeleton: return true;  // handout 1D, step 5]
}

bool Copier::AllComplete() const {
  // [solution]
  const std::vector<ReplicaLists>& arcs = rings_->Arcs();
  return std::all_of(arcs.begin(), arcs.end(), [this](const ReplicaLists& lists) {
    return !Contains(lists.back(), self_) || CompleteAt(lists, lists.size() - 1);
  });
  // [end]
  // [skeleton: return true;  // handout 1D, step 5]
}

void Copier::CopyWhatIsMissing() {
  // [solution: Ask an old replica of each arc that is not complete (handout 1D, step 6).]
  // Also what this node holds in a ring that is no longer in force: others may depend on it.
  for (std::size_t place = 1; place < static_cast<std::size_t>(rings_->history().rings_size());
       ++place) {
    const std::uint64_t into = rings_->history().rings(static_cast<int>(place)).epoch();
    for (const ReplicaLists& lists : rings_->Arcs()) {
      const std::vector<NodeId>& old = lists[place - 1];
      if (!Contains(lists[place], self_) || CompleteAt(lists, place) || old.empty()) continue;
      const bool under_way = std::any_of(old.begin(), old.end(), [&](NodeId from) {
        return asked_.contains({into, from});
      });
      // Any of them will do. The next attempt may choose another one, should this one be dead.
      if (!under_way) Ask({into, old[env_.RandomBelow(old.size())]}, std::nullopt);
    }
  }
  // [end]
}

CopyArcsRequest Copier::RequestTo(const Source& source) const {
  // [solution: Say who asks, in which epoch, for which ring (handout 1D, step 6).]
  CopyArcsRequest request;
  request.set_epoch(rings_->epoch());
  request.set_into(source.first);
  request.set_node(self_);
  return request;
  // [end]
}

void Copier::Ask(const Source& source, const std::optional<std::string>& after_key) {
  // [solution: Call kCopyArcs, and take what comes (handout 1D, step 6).]
  asked_.insert(source);
  CopyArcsRequest request = RequestTo(source);
  if (after_key) request.set_after_key(*after_key);
  env_.Call(source.second, kCopyArcs, request, kCallTimeout,
            [this, source, epoch = rings_->epoch()](absl::StatusOr<CopyArcsResponse> response) {
              // Since it was asked the node may have moved on, or learnt that it need not copy.
              if (epoch != rings_->epoch() || asked_.erase(source) == 0 || !response.ok()) return;
              if (response->has_newer()) return learn_(response->newer());
              Take(source, *response);
            });
  // [end]
}

void Copier::Take(const Source& source, const CopyArcsResponse& response) {
  // [solution: Store what is newer, and that it has been copied, in one batch (handout 1D, step
  // 6).]
  WriteBatch batch;
  PutNewer(env_.storage(), {response.records().begin(), response.records().end()}, batch);
  if (!response.more()) batch.PutMessage(CopiedKey(source), Copied());
  if (!env_.storage().Write(batch).ok()) return;  // the disk is full; the copy begins anew
  if (response.more()) {
    Ask(source, response.records(response.records_size() - 1).key());
  } else {
    copied_.insert(source);
  }
  // [end]
}

void Copier::Fetch(const std::string& key, absl::AnyInvocable<void(bool complete)> done) {
  // [solution: Copy this key alone from an old replica (handout 1E, step 2).]
  const ReplicaLists lists = rings_->Lists(key);
  const std::vector<NodeId>* old = lists.size() > 1 ? &lists[lists.size() - 2] : nullptr;
  if (old == nullptr || old->empty() || !Contains(lists.back(), self_)) return done(false);
  const Source source{rings_->epoch(), (*old)[env_.RandomBelow(old->size())]};
  CopyArcsRequest request = RequestTo(source);
  request.add_keys(key);
  env_.Call(
      source.second, kCopyArcs, request, kCallTimeout,
      [this, key, epoch = source.first,
       done = std::move(done)](absl::StatusOr<CopyArcsResponse> response) mutable {
        if (epoch != rings_->epoch() || !response.ok() || response->has_newer()) {
          return done(false);
        }
        WriteBatch batch;
        PutNewer(env_.storage(), {response->records().begin(), response->records().end()}, batch);
        if (!env_.storage().Write(batch).ok()) return done(false);
        fetched_.emplace(epoch, key);
        done(true);
      });
  // [end]
}

void Copier::Forget(const RingHistory& history, WriteBatch& batch) const {
  // [solution: Delete the notes up to the first ring of the history (handout 1D, step 7).]
  for (const Source& source : copied_) {
    if (source.first <= history.rings(0).epoch()) batch.Delete(CopiedKey(source));
  }
  // [end]
}

std::size_t Copier::PlaceOf(std::uint64_t epoch) const {
  std::size_t place = 0;
  for (const Ring& ring : rings_->history().rings()) {
    if (ring.epoch() == epoch) return place;
    ++place;
  }
  return 0;
}

void Copier::CopyArcs(const CopyArcsRequest& request, Responder<CopyArcsResponse> responder) {
  // [solution: If your own copy is complete, answer with the records (handout 1D, step 5).]
  CopyArcsResponse response;
  const std::size_t place = PlaceOf(request.into());
  if (request.epoch() > rings_->epoch()) {
    return responder.Fail(absl::FailedPreconditionError("I have not entered that epoch."));
  }
  if (request.epoch() < rings_->epoch() || place == 0) {
    // Or the asking node does not know yet that the hand-over is complete.
    *response.mutable_newer() = rings_->history();
    return responder.Reply(response);
  }
  const auto asked_for = [&](const ReplicaLists& lists) {
    return Contains(lists[place], request.node()) && Contains(lists[place - 1], self_);
  };
  const auto missing_here = [&](const ReplicaLists& lists) {
    return asked_for(lists) && !CompleteAt(lists, place - 1);
  };
  const auto& keys = request.keys();
  const bool missing = keys.empty()
                           ? std::any_of(rings_->Arcs().begin(), rings_->Arcs().end(), missing_here)
                           : std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
                               return missing_here(rings_->Lists(key));
                             });
  if (missing) return responder.Fail(absl::UnavailableError("My own copy is not complete yet."));
  const auto limit = static_cast<int>(chunk_records_);
  ForEachRecord(env_.storage(), [&](const Record& record) {
    const bool wanted = keys.empty()
                            ? !request.has_after_key() || record.key() > request.after_key()
                            : std::find(keys.begin(), keys.end(), record.key()) != keys.end();
    if (!wanted || !asked_for(rings_->Lists(record.key()))) return true;
    if (limit > 0 && response.records_size() == limit) {
      response.set_more(true);
      return false;
    }
    *response.add_records() = record;
    return true;
  });
  responder.Reply(response);
  // [end]
}

}  // namespace quorum::hash_ring
