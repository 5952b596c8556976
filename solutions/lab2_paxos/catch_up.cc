#include "labs/lab2_paxos/catch_up.h"

#include <algorithm>
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab2_paxos/paxos.h"

namespace quorum::paxos {
namespace {

using namespace std::chrono_literals;

constexpr Duration kCallTimeout = 200ms;
constexpr Duration kPause = 20ms;
constexpr int kMostEntries = 64;
constexpr std::size_t kMostBytes = 64 << 10;
constexpr std::size_t kChunk = 16 << 10;

}  // namespace

CatchUp::CatchUp(Env& env, const NodeConfig& config, LogStore& store,
                 std::function<void()> progressed)
    : env_(env), config_(config), store_(store), progressed_(std::move(progressed)) {}

void CatchUp::Want(LogIndex index, NodeId from) {
  // [solution: Begin to fetch, unless that is under way (handout 2D, step 1).]
  if (index <= store_.committed()) return;
  wanted_ = std::max(wanted_, index);
  if (asking_) return;
  from_ = from;
  Fetch();
  // [end]
}

void CatchUp::Fetch() {
  // [solution: Ask for what comes next: entries, or a piece of a snapshot (handout 2D, steps 1
  // and 3).]
  if (wanted_ <= store_.committed()) {
    asking_ = false;
    arriving_.Clear();
    return;
  }
  asking_ = true;
  FetchRequest request;
  request.set_from(store_.committed() + 1);
  request.set_snapshot_index(arriving_.index());
  request.set_snapshot_offset(arriving_.state().size());
  env_.Call(from_, kFetch, request, kCallTimeout,
            [this](const absl::StatusOr<FetchResponse>& response) {
              if (response.ok()) return OnFetched(*response);
              AskAnother();
            });
  // [end]
}

void CatchUp::OnFetched(const FetchResponse& response) {
  // [solution: Keep what has come, and go on (handout 2D, steps 1 and 3).]
  const LogIndex before = store_.committed();
  const bool piece = response.has_chunk() && Receive(response.chunk());
  google::protobuf::RepeatedPtrField<Entry> entries;
  for (const Entry& entry : response.entries()) {
    // Not what was decided since: if this node leads, or believes so, its own proposals are there,
    // and whoever waits for them must not take another leader's decisions for them.
    if (entry.index() <= wanted_) *entries.Add() = entry;
  }
  store_.KeepDecided(entries).IgnoreError();  // if the disk is full it is asked for again
  const bool advanced = store_.committed() > before;
  if (advanced) progressed_();
  // Whoever helps is asked again: another node's snapshot may be a different one.
  advanced || piece ? Fetch() : AskAnother();
  // [end]
}

bool CatchUp::Receive(const SnapshotChunk& chunk) {
  // [solution: Put the pieces of one snapshot together, and never pieces of two (handout 2D, step
  // 3).]
  if (chunk.index() <= store_.committed()) return false;  // what it tells is known here by now
  if (chunk.offset() == 0) {
    arriving_.set_index(chunk.index());
    arriving_.clear_state();
  }
  const bool fits =
      chunk.index() == arriving_.index() && chunk.offset() == arriving_.state().size();
  if (!fits) return false;
  arriving_.mutable_state()->append(chunk.data());
  if (chunk.last()) {
    store_.KeepSnapshot(arriving_).IgnoreError();  // if the disk is full it is asked for again
    arriving_.Clear();
  }
  return true;
  // [end]
}

void CatchUp::AskAnother() {
  // [solution: Turn to the next node after a pause (handout 2D, step 1).]
  const auto& peers = config_.peers();
  auto next = std::upper_bound(peers.begin(), peers.end(), from_);
  if (next == peers.end()) next = peers.begin();
  if (*next == config_.self() && ++next == peers.end()) next = peers.begin();
  from_ = *next;
  again_ = env_.After(kPause, [this] { Fetch(); });
  // [end]
}

FetchResponse CatchUp::Answer(const FetchRequest& request) const {
  // [solution: Send decided entries, or a piece of the snapshot (handout 2D, steps 1 and 3).]
  FetchResponse response;
  response.set_committed(store_.committed());
  const Snapshot& snapshot = store_.snapshot();
  if (request.from() <= snapshot.index()) {
    const std::string& state = snapshot.state();
    const bool same = request.snapshot_index() == snapshot.index();
    const std::size_t offset =
        same ? std::min<std::size_t>(request.snapshot_offset(), state.size()) : 0;
    SnapshotChunk& chunk = *response.mutable_chunk();
    chunk.set_index(snapshot.index());
    chunk.set_offset(offset);
    chunk.set_data(state.substr(offset, kChunk));
    chunk.set_last(offset + chunk.data().size() == state.size());
    return response;
  }
  std::size_t bytes = 0;
  for (LogIndex index = request.from(); index <= store_.committed(); ++index) {
    if (response.entries_size() == kMostEntries || bytes > kMostBytes) break;
    *response.add_entries() = *store_.Find(index);
    bytes += response.entries().rbegin()->ByteSizeLong();
  }
  return response;
  // [end]
}

}  // namespace quorum::paxos
