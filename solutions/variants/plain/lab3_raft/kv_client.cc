// The client of another shape: one clock asks again for everything that waits, at server after
// server, hints or not; few writes are under way at a time.

#include <algorithm>
#include <map>

#include "labs/lab3_raft/kv.h"

namespace quorum::kv {
namespace {

using namespace std::chrono_literals;

constexpr Duration kTick = 10ms;
constexpr Duration kTry = 150ms;
constexpr int kAtOnce = 8;

class PlainClient final : public Node {
 public:
  PlainClient(Env& env, const NodeConfig& config)
      : env_(env), servers_(config.peers().begin(), config.peers().end()) {
    server_ = env.RandomBelow(servers_.size());
    env_.Serve(kWrite, [this](const WriteRequest& request, Responder<WriteResponse> responder) {
      writes_.emplace(++arrived_, Job<WriteRequest, WriteResponse>{request, std::move(responder)});
    });
    env_.Serve(kGet, [this](const GetRequest& request, Responder<GetResponse> responder) {
      reads_.emplace(++arrived_, Job<GetRequest, GetResponse>{request, std::move(responder)});
    });
    Tick();
  }

 private:
  template <class Request, class Response>
  struct Job {
    Request request;
    Responder<Response> responder;
    bool asking = false;
  };

  void Tick() {
    const auto gone = [this](const auto& job) {
      return !job.second.asking && env_.Now() >= job.second.responder.deadline();
    };
    std::erase_if(writes_, gone);
    std::erase_if(reads_, gone);
    if (session_ == 0) OpenSession();
    for (auto& [number, job] : reads_) {
      if (!job.asking) Ask(reads_, number, kGet);
    }
    NumberWrites();
    for (auto& [number, job] : writes_) {
      if (job.asking || !job.request.has_id()) continue;
      RequestId& id = *job.request.mutable_id();
      id.set_first_unanswered(First(id.session()).value_or(id.sequence()));
      Ask(writes_, number, kWrite);
    }
    tick_ = env_.After(kTick, [this] { Tick(); });
  }

  void OpenSession() {
    if (opening_) return;
    opening_ = true;
    const std::size_t asked = server_;
    env_.Call(servers_[asked], kOpenSession, {}, kTry,
              [this, asked](const absl::StatusOr<OpenSessionResponse>& response) {
                opening_ = false;
                if (!response.ok() || response->outcome() != EXECUTED) return Leave(asked);
                session_ = response->session();
                sequence_ = 0;
              });
  }

  /// The lowest number of a session that waits.
  std::optional<std::uint64_t> First(std::uint64_t session) const {
    std::optional<std::uint64_t> first;
    for (const auto& [number, job] : writes_) {
      const RequestId& id = job.request.id();
      if (!job.request.has_id() || id.session() != session) continue;
      first = std::min(first.value_or(id.sequence()), id.sequence());
    }
    return first;
  }

  void NumberWrites() {
    if (session_ == 0) return;
    int under_way = static_cast<int>(std::ranges::count_if(
        writes_, [](const auto& job) { return job.second.request.has_id(); }));
    for (auto& [number, job] : writes_) {
      if (job.request.has_id()) continue;
      const std::uint64_t first = First(session_).value_or(sequence_ + 1);
      if (under_way >= kAtOnce || sequence_ + 1 - first >= kWindow) return;
      job.request.mutable_id()->set_session(session_);
      job.request.mutable_id()->set_sequence(++sequence_);
      ++under_way;
    }
  }

  template <class Jobs, class Request, class Response>
  void Ask(Jobs& jobs, std::uint64_t number, const Method<Request, Response>& method) {
    auto& job = jobs.at(number);
    job.asking = true;
    const std::size_t asked = server_;
    env_.Call(servers_[asked], method, job.request, kTry,
              [this, &jobs, number, asked](const absl::StatusOr<Response>& response) {
                auto& job = jobs.at(number);
                job.asking = false;
                const Outcome outcome = response.ok() ? response->outcome() : UNKNOWN;
                if (outcome == EXECUTED) {
                  jobs.extract(number).mapped().responder.Reply(*response);
                } else if (outcome == EXPIRED) {
                  Expire(number);
                } else if (absl::IsInvalidArgument(response.status())) {
                  jobs.extract(number).mapped().responder.Fail(response.status());
                } else {
                  Leave(asked);
                }
              });
  }

  void Expire(std::uint64_t number) {
    auto job = writes_.extract(number);
    if (job.mapped().request.id().session() == session_) session_ = 0;
    job.mapped().responder.Fail(absl::AbortedError("The session of this write has expired."));
  }

  void Leave(std::size_t asked) {
    if (server_ == asked) server_ = (server_ + 1) % servers_.size();
  }

  Env& env_;
  const std::vector<NodeId> servers_;
  std::size_t server_ = 0;
  std::uint64_t session_ = 0;  // 0: none is open
  std::uint64_t sequence_ = 0;
  bool opening_ = false;
  std::uint64_t arrived_ = 0;
  std::map<std::uint64_t, Job<WriteRequest, WriteResponse>> writes_;  // as they came
  std::map<std::uint64_t, Job<GetRequest, GetResponse>> reads_;
  Timer tick_;
};

}  // namespace

std::unique_ptr<Node> MakeClient(Env& env, const NodeConfig& config) {
  return std::make_unique<PlainClient>(env, config);
}

}  // namespace quorum::kv
