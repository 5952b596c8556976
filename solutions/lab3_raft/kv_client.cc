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
  // [solution: Follow the hint, or go on to the next server (handout 3G, step 6).]
  if (servers_[server_] != asked) return;  // another request was quicker
  const auto hinted = std::ranges::find(servers_, hint);
  const bool useful = hinted != servers_.end() && hint != asked;
  server_ = useful ? static_cast<std::size_t>(hinted - servers_.begin())
                   : (server_ + 1) % servers_.size();
  // [end]
}

// ---- The session

void Client::OpenSession() {
  // [solution: Ask until a session is open, then begin with what waits for it (handout 3G, step
  // 7).]
  opening_ = true;
  // Whoever asked for these is gone.
  while (!waiting_.empty() && env_.Now() >= waiting_.front().responder.deadline()) {
    waiting_.pop_front();
  }
  const NodeId asked = servers_[server_];
  env_.Call(asked, kOpenSession, OpenSessionRequest(), kTry,
            [this, asked](const absl::StatusOr<OpenSessionResponse>& response) {
              if (!response.ok() || response->outcome() != EXECUTED) {
                AskElsewhere(asked, response.ok() ? response->leader_hint() : 0);
                open_again_ = env_.After(Pause(), [this] { OpenSession(); });
                return;
              }
              opening_ = false;
              session_ = response->session();
              next_sequence_ = 1;
              BeginNext();
            });
  // [end]
}

std::uint64_t Client::FirstUnanswered(std::uint64_t session) const {
  // [solution: The lowest number of the session that is under way, or the next one (handout 3G,
  // step 8).]
  const auto first = under_way_.lower_bound({session, 0});
  const bool none = first == under_way_.end() || first->first.first != session;
  return none ? next_sequence_ : first->first.second;
  // [end]
}

// ---- Writes

void Client::BeginNext() {
  // [solution: Number what waits, and ask for it, as far as the window allows (handout 3G, steps 7
  // and 8).]
  while (!waiting_.empty()) {
    if (session_ == 0) {
      if (!opening_) OpenSession();
      return;
    }
    if (next_sequence_ - FirstUnanswered(session_) >= kWindow) return;
    const Number number = {session_, next_sequence_++};
    Errand& errand = under_way_.emplace(number, std::move(waiting_.front())).first->second;
    waiting_.pop_front();
    errand.request.mutable_id()->set_session(number.first);
    errand.request.mutable_id()->set_sequence(number.second);
    Try(number);
  }
  // [end]
}

void Client::Try(const Number& number) {
  // [solution: Ask for the write, always under its number (handout 3G, step 7).]
  Errand& errand = under_way_.at(number);
  if (env_.Now() >= errand.responder.deadline()) {
    return Finish(number, absl::DeadlineExceededError("The outcome is not known."));
  }
  errand.request.mutable_id()->set_first_unanswered(FirstUnanswered(number.first));
  const NodeId asked = servers_[server_];
  env_.Call(asked, kWrite, errand.request, kTry,
            [this, number, asked](const absl::StatusOr<WriteResponse>& response) {
              OnWritten(number, asked, response);
            });
  // [end]
}

void Client::OnWritten(const Number& number, NodeId asked,
                       const absl::StatusOr<WriteResponse>& response) {
  // [solution: Tell the user what is known for good, and otherwise ask again (handout 3G, steps 7
  // and 9).]
  const Outcome outcome = response.ok() ? response->outcome() : UNKNOWN;
  if (outcome == EXECUTED) return Finish(number, response);
  if (outcome == EXPIRED) {
    if (session_ == number.first) session_ = 0;
    // An earlier request of this number may have been executed while the session was open. Under
    // another number it might be executed twice.
    return Finish(number, absl::AbortedError("The session has expired, and the outcome is lost."));
  }
  if (absl::IsInvalidArgument(response.status())) return Finish(number, response.status());
  AskElsewhere(asked, response.ok() ? response->leader_hint() : 0);
  under_way_.at(number).pause = env_.After(Pause(), [this, number] { Try(number); });
  // [end]
}

void Client::Finish(const Number& number, const absl::StatusOr<WriteResponse>& outcome) {
  // [solution: Answer the user, and begin with what waits (handout 3G, steps 7 and 8).]
  const auto errand = under_way_.extract(number);
  Responder<WriteResponse>& responder = errand.mapped().responder;
  outcome.ok() ? responder.Reply(*outcome) : responder.Fail(outcome.status());
  BeginNext();
  // [end]
}

// ---- Reads

void Client::TryToRead(std::uint64_t number) {
  // [solution: Ask until somebody answers who leads (handout 3G, step 6).]
  const auto query = queries_.find(number);
  if (env_.Now() >= query->second.responder.deadline()) return void(queries_.erase(query));
  const NodeId asked = servers_[server_];
  env_.Call(asked, kGet, query->second.request, kTry,
            [this, number, asked](const absl::StatusOr<GetResponse>& response) {
              if (response.ok() && response->outcome() == EXECUTED) {
                queries_.extract(number).mapped().responder.Reply(*response);
                return;
              }
              AskElsewhere(asked, response.ok() ? response->leader_hint() : 0);
              queries_.at(number).pause =
                  env_.After(Pause(), [this, number] { TryToRead(number); });
            });
  // [end]
}

std::unique_ptr<Node> MakeClient(Env& env, const NodeConfig& config) {
  return std::make_unique<Client>(env, config);
}

}  // namespace quorum::kv
