// What the clients ask of a cell of the lock service: to append a word, a client writes a file by
// comparing its generation, while it holds the file's lock. Without the library: each request is
// asked again under its number until it is answered.

#include "grader/processes/lock_client.h"

#include "common/env/real/clock.h"
#include "labs/lab4_lock_service/lock_service.h"

namespace quorum::grader {
namespace {

using namespace std::chrono_literals;
namespace ls = lock_service;

constexpr const char* kFile = "/ls/local/words";
constexpr Duration kLockPatience = 100ms;  ///< with the lock's holder, before asking for it anew
constexpr int kTries = 200;                ///< of one request
constexpr Duration kAlive = 300ms;         ///< between signs of life; leases are longer

std::int64_t LockClientNow() { return MonotonicNow().time_since_epoch().count(); }

/// Whether the cell has said what has become of a request.
bool IsAnswer(const absl::Status& status) {
  return status.ok() || absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status) ||
         absl::IsInvalidArgument(status) || absl::IsNotFound(status) ||
         absl::IsAlreadyExists(status) || absl::IsFailedPrecondition(status);
}

class LockServiceClient final : public ClusterClient {
 public:
  LockServiceClient(std::map<NodeId, std::string> addresses, int number)
      : ClusterClient(std::move(addresses), number), number_(number) {}

  std::vector<Acquisition> acquisitions() const override { return acquisitions_; }

 private:
  Answer Append(const std::string& word, const std::atomic<bool>& stop) override {
    stop_ = &stop;
    if (!HaveSession()) return {Answer::Kind::kRefused, 0, ""};
    if (!Acquire()) return {Answer::Kind::kRefused, 0, ""};
    const Answer::Kind written = Write(word);
    ls::ReleaseRequest release;
    release.set_handle(handle_);
    static_cast<void>(Insist<ls::ReleaseRequest, ls::ReleaseResponse>(ls::kRelease, release));
    return {written, 0, ""};
  }

  Answer Read() override {
    // In the end, too, when it has been stopped.
    static const std::atomic<bool> kNever = false;
    stop_ = &kNever;
    if (!HaveSession()) return {Answer::Kind::kRefused, 0, ""};
    auto response = Contents();
    if (!response.ok()) return {Answer::Kind::kRefused, 0, ""};
    return {Answer::Kind::kExecuted, 0, std::move(*response->mutable_contents())};
  }

  /// Writes the word behind what is there; kRefused: nothing was written, or will be.
  Answer::Kind Write(const std::string& word) {
    while (handle_ != 0 && !*stop_) {
      const auto read = Contents();
      if (!read.ok()) {
        TryElsewhere(0);
        continue;
      }
      ls::SetContentsRequest set;
      set.set_handle(handle_);
      set.set_contents(read->contents() + word);
      set.set_if_generation(read->stat().content_generation());
      const auto done =
          Insist<ls::SetContentsRequest, ls::SetContentsResponse>(ls::kSetContents, set);
      if (!done.ok()) return Answer::Kind::kUnknown;
      if (done->written()) return Answer::Kind::kExecuted;
    }
    return Answer::Kind::kRefused;
  }

  bool Acquire() {
    while (handle_ != 0 && !*stop_) {
      ls::AcquireRequest acquire;
      acquire.set_handle(handle_);
      acquire.set_mode(ls::EXCLUSIVE);
      acquire.set_patience_ns(kLockPatience.count());
      const std::int64_t asked = LockClientNow();
      const auto got = Insist<ls::AcquireRequest, ls::AcquireResponse>(ls::kAcquire, acquire);
      if (!got.ok()) return false;
      if (!got->acquired()) continue;
      acquisitions_.push_back({number_, got->sequencer().generation(), asked, LockClientNow()});
      return true;
    }
    return false;
  }

  absl::StatusOr<ls::GetContentsAndStatResponse> Contents() {
    ls::GetContentsAndStatRequest request;
    request.mutable_call()->set_session(session_);
    request.mutable_call()->set_answered_below(next_);
    request.set_handle(handle_);
    const auto response = Call(ls::kGetContentsAndStat, request);
    Note(response.status());
    return response;
  }

  bool HaveSession() {
    if (handle_ != 0) KeepAlive();
    if (handle_ != 0) return true;
    ls::CreateSessionRequest create;
    // Nobody else's attempt, and the same until it is answered.
    create.set_attempt((static_cast<std::uint64_t>(number_) << 32) + sessions_);
    const Time asked = MonotonicNow();
    const auto session = Call(ls::kCreateSession, create);
    if (!session.ok()) return false;
    ++sessions_;
    session_ = session->session();
    next_ = 1;
    last_sign_ = asked;
    ls::OpenRequest open;
    open.set_path(kFile);
    open.set_write(true);
    open.set_create(ls::OpenRequest::IF_ABSENT);
    const auto opened = Insist<ls::OpenRequest, ls::OpenResponse>(ls::kOpen, open);
    if (opened.ok()) handle_ = opened->handle();
    return handle_ != 0;
  }

  void KeepAlive() {
    if (MonotonicNow() - last_sign_ < kAlive) return;
    ls::KeepAliveRequest request;
    request.set_session(session_);
    const Time asked = MonotonicNow();
    const auto response = Call(ls::kKeepAlive, request);
    if (response.ok()) last_sign_ = asked;
    Note(response.status());
  }

  /// Asks under one number until it is answered; otherwise nobody knows, and the session is over.
  template <class Request, class Response>
  absl::StatusOr<Response> Insist(const Method<Request, Response>& method, Request request) {
    request.mutable_call()->set_session(session_);
    request.mutable_call()->set_number(next_);
    request.mutable_call()->set_answered_below(next_);
    ++next_;
    for (int tries = 0; tries < kTries && !*stop_; ++tries) {
      auto response = Call(method, request);
      if (IsAnswer(response.status())) {
        if (!response.ok()) handle_ = 0;  // whatever it is, it begins anew
        return response;
      }
      TryElsewhere(0);
      KeepAlive();
    }
    handle_ = 0;
    return absl::CancelledError("It is not asked for any more.");
  }

  /// Whoever calls goes elsewhere, if need be: who did it, too, would pass over every second server.
  void Note(const absl::Status& status) {
    if (absl::IsUnauthenticated(status)) handle_ = 0;
  }

  const int number_;
  const std::atomic<bool>* stop_ = nullptr;
  std::uint64_t sessions_ = 0;
  std::uint64_t session_ = 0;
  std::uint64_t next_ = 1;
  std::uint64_t handle_ = 0;  // 0: there is no session
  Time last_sign_ = {};
  std::vector<Acquisition> acquisitions_;
};

}  // namespace

std::unique_ptr<ClusterClient> MakeLockClient(std::map<NodeId, std::string> addresses, int number) {
  return std::make_unique<LockServiceClient>(std::move(addresses), number);
}

}  // namespace quorum::grader
