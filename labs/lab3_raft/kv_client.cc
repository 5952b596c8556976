// The client's half of exactly once: a write has one number, however often it is asked for.
#include "labs/lab3_raft/kv_client.h"

#include <algorithm>

#include "common/env/not_written.h"

namespace quorum::kv {

Client::Client(Env& env, const NodeConfig& config)
    : env_(env), servers_(config.peers().begin(), config.peers().end()) {
  env_.Serve(kWrite, [this](const WriteRequest& request, Responder<WriteResponse> responder) {
    waiting_.push_back({request, std::move(responder)});
    BeginNext();
  });
  env_.Serve(kGet, [this](const GetRequest& request, Responder<GetResponse> responder) {
    queries_.emplace(next_query_, Query{request, std::move(responder)});
    TryToRead(next_query_++);
  });
}

// ---- Whom to ask

void Client::AskElsewhere(NodeId asked, NodeId hint) {
  NotWritten("Follow the hint, or go on to the next server (handout 3G, step 6).");
}

// ---- The session

void Client::OpenSession() {
  NotWritten(
      "Ask until a session is open, then begin with what waits for it (handout 3G, step 7).");
}

std::uint64_t Client::FirstUnanswered(std::uint64_t session) const {
  NotWritten(
      "The lowest number of the session that is under way, or the next one (handout 3G, step 8).");
}

// ---- Writes

void Client::BeginNext() {
  NotWritten("Number what waits, and ask for it, as far as the window allows (handout 3G, steps 7 "
             "and 8).");
}

void Client::Try(const Number& number) {
  NotWritten("Ask for the write, always under its number (handout 3G, step 7).");
}

void Client::OnWritten(const Number& number, NodeId asked,
                       const absl::StatusOr<WriteResponse>& response) {
  NotWritten(
      "Tell the user what is known for good, and otherwise ask again (handout 3G, steps 7 and 9).");
}

void Client::Finish(const Number& number, const absl::StatusOr<WriteResponse>& outcome) {
  NotWritten("Answer the user, and begin with what waits (handout 3G, steps 7 and 8).");
}

// ---- Reads

void Client::TryToRead(std::uint64_t number) {
  NotWritten("Ask until somebody answers who leads (handout 3G, step 6).");
}

std::unique_ptr<Node> MakeClient(Env& env, const NodeConfig& config) {
  return std::make_unique<Client>(env, config);
}

}  // namespace quorum::kv
