#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <tuple>
#include <utility>

#include "grader/scenarios/paxos/watch.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::paxos {

/// How long a puppet waits for the implementation to do something: far longer than any sensible
/// pause, since a scenario must not depend on how long pauses are.
inline constexpr sim::SimTime kPatience = 20'000'000'000;

/// A node that the scenario plays itself, message for message: it answers when it is told to, and
/// asks what it is told to. So a schedule that chance would hardly bring about is brought about
/// with whatever implementation the other nodes run.
class Puppet {
 public:
  Puppet(Stage& stage, Watch& watch, const NodeConfig& config);
  ~Puppet();

  /// A request that has reached the puppet and waits for its answer.
  template <class Request, class Response>
  struct Heard {
    Request request;
    Responder<Response> responder;
  };

  /// Waits for a request for which `wanted` holds, and forgets all that came before it; nothing:
  /// none has come in time.
  template <class Request, class Response, class Wanted>
  std::optional<Heard<Request, Response>> Await(const Method<Request, Response>& method,
                                                Wanted wanted, sim::SimTime limit = kPatience) {
    auto& inbox = std::get<Inbox<Request, Response>>(inboxes_);
    std::optional<Heard<Request, Response>> found;
    stage_.world().RunUntil(
        [&] {
          while (!inbox.empty() && !found) {
            if (wanted(inbox.front().request)) found = std::move(inbox.front());
            inbox.pop_front();
          }
          return found.has_value();
        },
        limit);
    return found;
  }

  /// From now on answers every request of this kind by itself; `Await` sees it nevertheless. Where
  /// `answer` has nothing to say, the request stays unanswered.
  template <class Request, class Response>
  void Always(const Method<Request, Response>& method,
              std::function<std::optional<Response>(const Request&)> answer) {
    std::get<Answers<Request, Response>>(answers_) = std::move(answer);
  }

  /// Asks `peer`, and lets time pass until the answer is there.
  template <class Request, class Response>
  absl::StatusOr<Response> Ask(NodeId peer, const Method<Request, Response>& method,
                               const Request& request) {
    std::optional<absl::StatusOr<Response>> answer;
    env_->Call(peer, method, request, std::chrono::seconds(1),
               [&](absl::StatusOr<Response> response) { answer = std::move(response); });
    stage_.world().RunUntil([&] { return answer.has_value(); }, kPatience);
    return *answer;
  }

 private:
  template <class Request, class Response>
  using Inbox = std::deque<Heard<Request, Response>>;

  template <class Request, class Response>
  using Answers = std::function<std::optional<Response>(const Request&)>;
  /// One of each of these for every method that it serves.
  template <template <class, class> class Of>
  using ForEachMethod =
      std::tuple<Of<quorum::paxos::PrepareRequest, quorum::paxos::PrepareResponse>,
                 Of<quorum::paxos::AcceptRequest, quorum::paxos::AcceptResponse>,
                 Of<quorum::paxos::LearnRequest, quorum::paxos::LearnResponse>,
                 Of<quorum::paxos::PrepareLogRequest, quorum::paxos::PrepareLogResponse>,
                 Of<quorum::paxos::AcceptEntriesRequest, quorum::paxos::AcceptEntriesResponse>,
                 Of<quorum::paxos::FetchRequest, quorum::paxos::FetchResponse>>;

  template <class Request, class Response>
  void Receive(const Method<Request, Response>& method);
  static std::unique_ptr<Node> Boot(Env& env, const NodeConfig& config);

  Stage& stage_;
  NodeId id_;
  Env* env_ = nullptr;
  ForEachMethod<Inbox> inboxes_;
  ForEachMethod<Answers> answers_;
};

}  // namespace quorum::grader::paxos
