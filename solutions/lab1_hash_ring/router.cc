#include "labs/lab1_hash_ring/router.h"

#include <memory>
#include <utility>

// [skeleton: #include "common/env/not_written.h"]

namespace quorum::hash_ring {
namespace {

using namespace std::chrono_literals;

constexpr char kIncarnationKey[] = "incarnation";
constexpr Duration kCallTimeout = 100ms;
constexpr Duration kShortestPause = 20ms;
constexpr Duration kLongestPause = 60ms;

std::string ValueOf(const PutRequest& request) { return request.value(); }
std::string ValueOf(const AppendRequest& request) { return request.value(); }
std::string ValueOf(const DeleteRequest&) { return ""; }

}  // namespace

Router::Router(Env& env, const NodeConfig& config)
    : env_(env), self_(config.self()), rings_(InitialHistory(config)) {}

template <class Request, class Response>
void Router::ServeWrite(const Method<Request, Response>& method, WriteKind kind) {
  env_.Serve(method, [this, kind](const Request& request, Responder<Response> responder) {
    Errand errand{.kind = kind, .value = ValueOf(request), .deadline = responder.deadline()};
    errand.done = [responder = std::move(responder)](absl::StatusOr<Record> outcome) mutable {
      if (!outcome.ok()) return responder.Fail(outcome.status());
      Response response;
      *response.mutable_version() = outcome->version();
      responder.Reply(response);
    };
    Add(request.key(), std::move(errand));
  });
}

void Router::ServeKeys() {
  ServeWrite(kPut, PUT);
  ServeWrite(kAppend, APPEND);
  ServeWrite(kDelete, DELETE);
  env_.Serve(kGet, [this](const GetRequest& request, Responder<GetResponse> responder) {
    Errand errand{.deadline = responder.deadline()};
    errand.done = [responder = std::move(responder)](absl::StatusOr<Record> outcome) mutable {
      if (!outcome.ok()) return responder.Fail(outcome.status());
      GetResponse response;
      response.set_found(outcome->has_version() && !outcome->deleted());
      response.set_value(outcome->value());
      if (outcome->has_version()) *response.mutable_version() = outcome->version();
      responder.Reply(response);
    };
    Add(request.key(), std::move(errand));
  });
}

void Router::Add(const std::string& key, Errand errand) {
  std::deque<Errand>& waiting = errands_[key];
  waiting.push_back(std::move(errand));
  if (waiting.size() == 1) Try(key);
}

bool Router::TakeId(RequestId& id) {
  // [solution: Count this boot durably, then number the request (handout 1C, step 3).]
  if (incarnation_ == 0) {
    // Counted durably, or the ids of the next boot would repeat those of this one.
    auto boots = GetMessage<Incarnation>(env_.storage(), kIncarnationKey).value_or(Incarnation());
    boots.set_value(boots.value() + 1);
    WriteBatch batch;
    batch.PutMessage(kIncarnationKey, boots);
    if (!env_.storage().Write(batch).ok()) return false;
    incarnation_ = boots.value();
  }
  id.set_client(self_);
  id.set_incarnation(incarnation_);
  id.set_sequence(++sequence_);
  return true;
  // [end]
}

void Router::Try(const std::string& key) {
  // [solution: Find the primary of the key and ask it (handout 1C, step 3).]
  Errand& errand = errands_.at(key).front();
  if (env_.Now() >= errand.deadline) {
    return Finish(key, absl::DeadlineExceededError("The outcome is not known."));
  }
  const std::vector<NodeId> replicas = rings_.Replicas(key);
  if (replicas.empty()) return Finish(key, absl::FailedPreconditionError("The ring is empty."));
  if (errand.kind == WRITE_KIND_UNKNOWN) return TryRead(key, replicas[0]);
  // Every attempt has the same id.
  if (errand.id.sequence() == 0 && !TakeId(errand.id)) return TryAgainLater(key);
  TryWrite(key, replicas[0]);
  // [end]
}

void Router::TryRead(const std::string& key, NodeId primary) {
  // [solution: Call kRead at the primary (handout 1C, step 3).]
  ReadRequest request;
  request.set_epoch(rings_.epoch());
  request.set_key(key);
  env_.Call(primary, kRead, request, kCallTimeout,
            [this, key](absl::StatusOr<ReadResponse> response) {
              if (!response.ok()) return TryAgainLater(key);
              if (response->has_newer()) return Follow(key, response->newer());
              Finish(key, response->record());
            });
  // [end]
}

void Router::TryWrite(const std::string& key, NodeId primary) {
  // [solution: Call kWrite at the primary, with the same id in each attempt (handout 1C, step 3).]
  const Errand& errand = errands_.at(key).front();
  WriteRequest request;
  request.set_epoch(rings_.epoch());
  *request.mutable_id() = errand.id;
  request.set_kind(errand.kind);
  request.set_key(key);
  request.set_value(errand.value);
  env_.Call(primary, kWrite, request, kCallTimeout,
            [this, key](absl::StatusOr<WriteResponse> response) {
              if (!response.ok()) return TryAgainLater(key);
              if (response->has_newer()) return Follow(key, response->newer());
              Record written;
              *written.mutable_version() = response->version();
              Finish(key, written);
            });
  // [end]
}

void Router::Finish(const std::string& key, absl::StatusOr<Record> outcome) {
  // [solution: Tell the user, and begin with the next errand of this key (handout 1C, step 3).]
  const auto place = errands_.find(key);
  Done done = std::move(place->second.front().done);
  place->second.pop_front();
  done(std::move(outcome));
  if (place->second.empty()) {
    errands_.erase(place);
  } else {
    Try(std::string(place->first));
  }
  // [end]
}

void Router::TryAgainLater(const std::string& key) {
  // [solution: Try again after a pause (handout 1C, step 3).]
  AskAround();  // perhaps the primary is another one by now
  errands_.at(key).front().pause =
      env_.After(env_.RandomBetween(kShortestPause, kLongestPause), [this, key] { Try(key); });
  // [end]
}

void Router::Learn(const RingHistory& other) {
  // [solution: Take over what is newer (handout 1D, step 3).]
  RingHistory learnt = hash_ring::Learn(rings_.history(), other);
  if (learnt.rings(learnt.rings_size() - 1).epoch() > rings_.epoch()) rings_ = Rings(learnt);
  // [end]
}

void Router::Follow(const std::string& key, const RingHistory& newer) {
  // [solution: Learn, and ask the new primary (handout 1D, step 3).]
  const std::uint64_t before = rings_.epoch();
  Learn(newer);
  rings_.epoch() > before ? Try(key) : TryAgainLater(key);
  // [end]
}

void Router::AskAround() {
  // [solution: Call kEnterRing at some node, and learn from what it answers (handout 1D, step 3).]
  const std::vector<NodeId> nodes = rings_.Nodes();
  EnterRingRequest request;
  *request.mutable_rings() = rings_.history();
  env_.Call(nodes[env_.RandomBelow(nodes.size())], kEnterRing, request, kCallTimeout,
            [this](absl::StatusOr<EnterRingResponse> response) {
              if (response.ok() && response->has_newer()) Learn(response->newer());
            });
  // [end]
}

void Router::ServeInstallRing() {
  env_.Serve(kInstallRing,
             [this](const InstallRingRequest& request, Responder<InstallRingResponse> responder) {
               const std::uint64_t number = next_installation_++;
               installations_.emplace(number, Installation{request, std::move(responder), Timer()});
               TryInstall(number);
             });
}

void Router::TryInstall(std::uint64_t number) {
  // [solution: Ask one node after another until one has installed the ring (handout 1D, step 4).]
  const InstallRingRequest& request = installations_.at(number).request;
  std::vector<NodeId> nodes = rings_.Nodes();
  for (const Member& member : request.ring().members()) nodes.push_back(member.node());
  // A node that has not entered the ring before this one refuses. Some other node has.
  env_.Call(nodes[env_.RandomBelow(nodes.size())], kInstallRing, request, kCallTimeout,
            [this, number](absl::StatusOr<InstallRingResponse> response) {
              Installation& asked = installations_.at(number);
              const bool final = response.ok() || absl::IsAlreadyExists(response.status()) ||
                                 absl::IsInvalidArgument(response.status());
              if (!final && env_.Now() < asked.responder.deadline()) {
                asked.pause = env_.After(env_.RandomBetween(kShortestPause, kLongestPause),
                                         [this, number] { TryInstall(number); });
                return;
              }
              response.ok() ? asked.responder.Reply(*response)
                            : asked.responder.Fail(response.status());
              installations_.erase(number);
            });
  // [end]
}

}  // namespace quorum::hash_ring
