#include "labs/lab1_hash_ring/router.h"

#include <memory>
#include <utility>

#include "common/env/not_written.h"

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
  NotWritten("Count this boot durably, then number the request (handout 1C, step 3).");
}

void Router::Try(const std::string& key) {
  NotWritten("Find the primary of the key and ask it (handout 1C, step 3).");
}

void Router::TryRead(const std::string& key, NodeId primary) {
  NotWritten("Call kRead at the primary (handout 1C, step 3).");
}

void Router::TryWrite(const std::string& key, NodeId primary) {
  NotWritten("Call kWrite at the primary, with the same id in each attempt (handout 1C, step 3).");
}

void Router::Finish(const std::string& key, absl::StatusOr<Record> outcome) {
  NotWritten("Tell the user, and begin with the next errand of this key (handout 1C, step 3).");
}

void Router::TryAgainLater(const std::string& key) {
  NotWritten("Try again after a pause (handout 1C, step 3).");
}

void Router::Learn(const RingHistory& other) {
  NotWritten("Take over what is newer (handout 1D, step 3).");
}

void Router::Follow(const std::string& key, const RingHistory& newer) {
  NotWritten("Learn, and ask the new primary (handout 1D, step 3).");
}

void Router::AskAround() {
  NotWritten("Call kEnterRing at some node, and learn from what it answers (handout 1D, step 3).");
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
  NotWritten("Ask one node after another until one has installed the ring (handout 1D, step 4).");
}

}  // namespace quorum::hash_ring
