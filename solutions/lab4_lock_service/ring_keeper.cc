// Who is on the ring of lab 1: ephemeral files say who is there, events when that changes, and a
// file what was decided.
#include "labs/lab4_lock_service/ring_keeper.h"

#include <charconv>
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab2_paxos/administrator.h"
#include "labs/lab4_lock_service/local_user.h"

namespace quorum::lock_service {
namespace {

using namespace std::chrono_literals;
using paxos::ChangeRingRequest;
using paxos::ChangeRingResponse;

constexpr Duration kTry = 1s;  // it has to be installed, too
constexpr Duration kShortestPause = 20ms;
constexpr Duration kLongestPause = 60ms;

// [solution]
/// The node that "cache=17" announces; 0: it announces none of this name.
NodeId NodeOf(const std::string& file, const std::string& name) {
  NodeId node = 0;
  if (!file.starts_with(name + "=")) return 0;
  std::from_chars(file.data() + name.size() + 1, file.data() + file.size(), node);
  return node;
}
// [end]

class RingKeeper final : public Node {
 public:
  RingKeeper(Env& env, const NodeConfig& config)
      : env_(env),
        own_(OwnConfig<RingKeeperConfig>(config)),
        ring_(own_.ring()),
        library_(env, LibraryConfig(config, own_)) {
    env_.Serve(kGetRing, [this](const GetRingRequest&, Responder<GetRingResponse> responder) {
      GetRingResponse response;
      *response.mutable_ring() = ring_;
      responder.Reply(response);
    });
    Watch();
    Listen();
  }

 private:
  /// In each session once: opens the file of the ring, and the directory, to be told who comes and
  /// goes.
  void Watch() {
    // [solution: Open the file, and the directory with the wish for events of its children, then
    // look (handout 4E, step 5).]
    OpenRequest file;
    file.set_path(own_.published());
    file.set_create(OpenRequest::IF_ABSENT);
    file.set_write(true);
    library_.Ask(&LockClient::Open, file, [this](absl::StatusOr<OpenResponse> open) {
      if (!open.ok()) return WatchLater();
      file_ = open->handle();
      WatchDirectory();
    });
    // [end]
  }

  void WatchLater() {
    retry_ = env_.After(kLongestPause, [this] { Watch(); });
  }

  void WatchDirectory() {
    // [solution: See above (handout 4E, step 5).]
    OpenRequest request;
    request.set_path(own_.directory());
    request.set_create(OpenRequest::IF_ABSENT);
    request.set_directory(true);
    for (const EventKind kind : {CHILD_ADDED, CHILD_REMOVED}) request.add_events(kind);
    library_.Ask(&LockClient::Open, request, [this](absl::StatusOr<OpenResponse> open) {
      if (!open.ok()) return WatchLater();
      directory_ = open->handle();
      Look();
    });
    // [end]
  }

  void Listen() {
    // [solution: Look again when somebody has come or gone, and watch again in the next session
    // (handout 4E, step 5).]
    NextEventsRequest request;
    request.set_after(last_event_);
    library_.Ask(&LockClient::NextEvents, request, [this](const auto& response) {
      bool over = false;
      bool changed = false;
      for (const Event& event : response->events()) {
        last_event_ = event.number();
        over = over || event.kind() == SESSION_EXPIRED;
        changed = changed || event.kind() == CHILD_ADDED || event.kind() == CHILD_REMOVED ||
                  event.kind() == EVENTS_LOST;
      }
      // Not from within the library's own handler.
      again_ = env_.After(0ms, [this, over, changed] {
        if (over) {
          Watch();
        } else if (changed) {
          Look();
        }
        Listen();
      });
    });
    // [end]
  }

  void Look() {
    // [solution: Read who is announced, and change the ring if need be (handout 4E, step 5).]
    ReadDirRequest request;
    request.set_handle(directory_);
    library_.Ask(&LockClient::ReadDir, request, [this](absl::StatusOr<ReadDirResponse> list) {
      if (!list.ok()) return;  // the session has ended: it will be told
      announced_.clear();
      for (const std::string& child : list->children()) {
        if (const NodeId node = NodeOf(child, own_.name())) announced_.insert(node);
      }
      known_.insert(announced_.begin(), announced_.end());
      Publish();
    });
    // [end]
  }

  /// Goes on when the file says what this keeper knows, and the reverse.
  void Publish() {
    // [solution: Learn from the file what another keeper has published, or you before you died;
    // write what it does not know, unless it has changed since (handout 4E, step 5).]
    if (publishing_) return;  // what is new now will be in it, too
    publishing_ = true;
    GetContentsAndStatRequest request;
    request.set_handle(file_);
    library_.Ask(&LockClient::GetContentsAndStat, request, [this](const auto& file) {
      publishing_ = false;
      if (!file.ok()) return;  // the session has ended: it will be told
      PublishedRing published;
      published.ParseFromString(file->contents());
      if (published.ring().epoch() > ring_.epoch()) ring_ = published.ring();
      known_.insert(published.known().begin(), published.known().end());
      *published.mutable_ring() = ring_;
      published.mutable_known()->Assign(known_.begin(), known_.end());
      const std::string contents = published.SerializeAsString();
      if (contents == file->contents()) return Steer();
      Write(contents, file->stat().content_generation());
    });
    // [end]
  }

  void Write(const std::string& contents, std::uint64_t generation) {
    // [solution: See above (handout 4E, step 5).]
    publishing_ = true;
    SetContentsRequest request;
    request.set_handle(file_);
    request.set_contents(contents);
    request.set_if_generation(generation);
    library_.Ask(&LockClient::SetContents, request, [this](const auto& written) {
      publishing_ = false;
      if (written.ok()) Publish();  // is it all?
    });
    // [end]
  }

  /// Has the ring changed, unless it is about to be.
  void Steer() {
    // [solution: Ask for the next ring, one at a time (handout 4E, step 5).]
    if (asking_) return;
    const std::optional<hash_ring::Ring> next = NextRing(ring_, announced_, known_);
    if (!next) return;
    asking_ = true;
    ChangeRingRequest request;
    *request.mutable_ring() = *next;
    AskFor(request);
    // [end]
  }

  void AskFor(const ChangeRingRequest& request) {
    // [solution: Ask one administrator after the other, for the very same ring, until it is
    // installed, or another one is in its place (handout 4E, step 5).]
    const auto at = static_cast<int>(turn_ % own_.administrators_size());
    env_.Call(own_.administrators(at), paxos::kChangeRing, request, kTry,
              [this, request](absl::StatusOr<ChangeRingResponse> response) {
                if (response.ok() && response->outcome() == ChangeRingResponse::INSTALLED) {
                  return Follow(request.ring());
                }
                if (response.ok() && response->outcome() == ChangeRingResponse::REFUSED) {
                  return Follow(response->ring());
                }
                ++turn_;
                pause_ = env_.After(env_.RandomBetween(kShortestPause, kLongestPause),
                                    [this, request] { AskFor(request); });
              });
    // [end]
  }

  void Follow(const hash_ring::Ring& decided) {
    // [solution: This is the last ring now. Is it what it should be (handout 4E, step 5)?]
    ring_ = decided;
    asking_ = false;
    Publish();
    // [end]
  }

  Env& env_;
  const RingKeeperConfig own_;
  hash_ring::Ring ring_;  // the last one that is known to be decided
  std::uint64_t file_ = 0;
  std::uint64_t directory_ = 0;
  std::set<NodeId> announced_;
  std::set<NodeId> known_;  // who was ever announced
  bool asking_ = false;
  bool publishing_ = false;
  std::uint32_t turn_ = 0;
  std::uint64_t last_event_ = 0;
  Timer again_;
  Timer retry_;
  Timer pause_;
  LocalUser library_;  // last: it is destroyed first
};

}  // namespace

std::optional<hash_ring::Ring> NextRing(const hash_ring::Ring& ring,
                                        const std::set<NodeId>& announced,
                                        const std::set<NodeId>& known) {
  // [solution: Say who comes and who may go; epochs follow each other (handout 4E, step 5).]
  hash_ring::Ring next = ring;
  next.set_previous_epoch(ring.epoch());
  next.set_epoch(ring.epoch() + 1);
  next.clear_members();
  std::map<NodeId, hash_ring::Member> members;
  std::vector<NodeId> gone;
  for (const hash_ring::Member& member : ring.members()) {
    members[member.node()] = member;
    if (known.contains(member.node()) && !announced.contains(member.node())) {
      gone.push_back(member.node());
    }
  }
  for (const NodeId node : announced) {
    const auto [place, is_new] = members.try_emplace(node);
    if (!is_new) continue;
    place->second.set_node(node);
    place->second.set_weight(1);
  }
  std::size_t may_go = std::max<std::size_t>(2, ring.replicas()) - 1;
  for (const NodeId node : gone) {
    if (may_go == 0 || members.size() == 1) break;
    members.erase(node);
    --may_go;
  }
  for (const auto& [node, member] : members) *next.add_members() = member;
  bool same = next.members_size() == ring.members_size();
  for (const hash_ring::Member& member : ring.members()) {
    same = same && members.contains(member.node());
  }
  if (same) return std::nullopt;
  return next;
  // [end]
}

std::unique_ptr<Node> MakeRingKeeper(Env& env, const NodeConfig& config) {
  return std::make_unique<RingKeeper>(env, config);
}

}  // namespace quorum::lock_service
