#include "labs/lab1_hash_ring/copier.h"

#include <algorithm>
#include <utility>

#include "common/env/not_written.h"
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
  // Handout 1D, step 6: read from the disk what was copied before.
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
  NotWritten("The three cases of the definition in copier.h (handout 1D, step 5).");
}

bool Copier::Complete(std::string_view key) const {
  return true;  // handout 1D, step 5
}

bool Copier::AllComplete() const {
  return true;  // handout 1D, step 5
}

void Copier::CopyWhatIsMissing() {
  NotWritten("Ask an old replica of each arc that is not complete (handout 1D, step 6).");
}

CopyArcsRequest Copier::RequestTo(const Source& source) const {
  NotWritten("Say who asks, in which epoch, for which ring (handout 1D, step 6).");
}

void Copier::Ask(const Source& source, const std::optional<std::string>& after_key) {
  NotWritten("Call kCopyArcs, and take what comes (handout 1D, step 6).");
}

void Copier::Take(const Source& source, const CopyArcsResponse& response) {
  NotWritten(
      "Store what is newer, and that it has been copied, in one batch (handout 1D, step 6).");
}

void Copier::Fetch(const std::string& key, absl::AnyInvocable<void(bool complete)> done) {
  NotWritten("Copy this key alone from an old replica (handout 1E, step 2).");
}

void Copier::Forget(const RingHistory& history, WriteBatch& batch) const {
  NotWritten("Delete the notes up to the first ring of the history (handout 1D, step 7).");
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
  NotWritten("If your own copy is complete, answer with the records (handout 1D, step 5).");
}

}  // namespace quorum::hash_ring
