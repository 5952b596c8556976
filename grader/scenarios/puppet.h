#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "common/env/env.h"
#include "common/env/node.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader {

/// How long a puppet waits for the implementation to do something: far longer than any sensible
/// pause, since a scenario must not depend on how long pauses are.
inline constexpr sim::SimTime kPatience = 20'000'000'000;

/// A request that has reached a puppet and waits for its answer.
template <class Request, class Response>
struct Heard {
  Request request;
  Responder<Response> responder;
};

/// A node that the scenario plays itself, message for message: it answers when it is told to, and
/// asks what it is told to. So a schedule that chance would hardly bring about is brought about
/// with whatever implementation the other nodes run. It serves methods of the types `Methods`.
template <class... Methods>
class PuppetOf {
 public:
  PuppetOf(Stage& stage, const NodeConfig& config, const Methods&... methods)
      : stage_(stage), id_(config.self()), methods_(methods...) {
    Living()[id_] = this;
    stage.world().AddMachine("node-" + std::to_string(id_), &PuppetOf::Boot, config);
    stage.world().Boot(id_);
  }
  PuppetOf(const PuppetOf&) = delete;
  PuppetOf& operator=(const PuppetOf&) = delete;
  ~PuppetOf() { Living().erase(id_); }

  NodeId id() const { return id_; }

  /// Waits for a request for which `wanted` holds, and forgets all that came before it; nothing:
  /// none has come in time.
  template <class Request, class Response, class Wanted>
  std::optional<Heard<Request, Response>> Await(const Method<Request, Response>& method,
                                                Wanted wanted, sim::SimTime limit = kPatience) {
    auto& inbox = std::get<Box<Method<Request, Response>>>(*boxes_).inbox;
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
    std::get<Box<Method<Request, Response>>>(*boxes_).answer = std::move(answer);
  }

  /// Asks `peer`; `done` is told the answer when it is there, while time passes.
  template <class Request, class Response>
  void Begin(NodeId peer, const Method<Request, Response>& method, const Request& request,
             std::function<void(const absl::StatusOr<Response>&)> done,
             Duration timeout = std::chrono::seconds(1)) {
    env_->Call(peer, method, request, timeout,
               [done = std::move(done)](absl::StatusOr<Response> response) { done(response); });
  }

  /// Asks `peer`, and lets time pass until the answer is there.
  template <class Request, class Response>
  absl::StatusOr<Response> Ask(NodeId peer, const Method<Request, Response>& method,
                               const Request& request, Duration timeout = std::chrono::seconds(1)) {
    std::optional<absl::StatusOr<Response>> answer;
    Begin<Request, Response>(
        peer, method, request, [&](const absl::StatusOr<Response>& response) { answer = response; },
        timeout);
    stage_.world().RunUntil([&] { return answer.has_value(); }, kPatience);
    return *answer;
  }

 private:
  template <class Of>
  struct Box;
  /// What has come for one method, and how it is answered.
  template <class Request, class Response>
  struct Box<Method<Request, Response>> {
    std::deque<Heard<Request, Response>> inbox;
    std::function<std::optional<Response>(const Request&)> answer;
  };

  /// The puppets of the run that is being played: a node's factory is a plain function.
  static std::map<NodeId, PuppetOf*>& Living() {
    static std::map<NodeId, PuppetOf*> living;
    return living;
  }

  using Boxes = std::tuple<Box<Methods>...>;

  /// As long as the puppet's process lives. With it goes what the puppet has heard: not earlier, as
  /// the scenario ends, since it would then be seen to drop all those requests.
  class Life final : public Node {
   public:
    explicit Life(std::shared_ptr<Boxes> boxes) : boxes_(std::move(boxes)) {}
    ~Life() override {
      std::apply([](auto&... box) { (box.inbox.clear(), ...); }, *boxes_);
    }

   private:
    const std::shared_ptr<Boxes> boxes_;
  };

  static std::unique_ptr<Node> Boot(Env& env, const NodeConfig& config) {
    PuppetOf& puppet = *Living().at(config.self());
    puppet.env_ = &env;
    std::apply([&puppet](const auto&... methods) { (puppet.Receive(methods), ...); },
               puppet.methods_);
    return std::make_unique<Life>(puppet.boxes_);
  }

  template <class Request, class Response>
  void Receive(const Method<Request, Response>& method) {
    env_->Serve(method, [this](const Request& request, Responder<Response> responder) {
      auto& box = std::get<Box<Method<Request, Response>>>(*boxes_);
      if (box.answer) {
        if (const std::optional<Response> response = box.answer(request)) {
          responder.Reply(*response);
        }
      }
      box.inbox.push_back({request, std::move(responder)});
    });
  }

  Stage& stage_;
  NodeId id_;
  std::tuple<Methods...> methods_;
  Env* env_ = nullptr;
  std::shared_ptr<Boxes> boxes_ = std::make_shared<Boxes>();
};

}  // namespace quorum::grader
