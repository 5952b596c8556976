#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "labs/lab4_lock_service/client_cache.h"
#include "labs/lab4_lock_service/session_keeper.h"

namespace quorum::lock_service {

/// The session library: does for its user what lock_client.proto says.
class LockClient final : public Node, private SessionListener {
 public:
  LockClient(Env& env, const NodeConfig& config);

  // What its user asks, by rpc or, in the same process, by `LocalUser` (client_nodes.cc,
  // client_locks.cc and client_session.cc).
  void Open(const OpenRequest& request, Responder<OpenResponse> responder);
  void Close(const CloseRequest& request, Responder<CloseResponse> responder);
  void GetContentsAndStat(const GetContentsAndStatRequest& request,
                          Responder<GetContentsAndStatResponse> responder);
  void GetStat(const GetStatRequest& request, Responder<GetStatResponse> responder);
  void ReadDir(const ReadDirRequest& request, Responder<ReadDirResponse> responder);
  void SetContents(const SetContentsRequest& request, Responder<SetContentsResponse> responder);
  void Delete(const DeleteRequest& request, Responder<DeleteResponse> responder);
  void SetAcl(const SetAclRequest& request, Responder<SetAclResponse> responder);
  void Acquire(const AcquireRequest& request, Responder<AcquireResponse> responder);
  void TryAcquire(const TryAcquireRequest& request, Responder<AcquireResponse> responder);
  void Release(const ReleaseRequest& request, Responder<ReleaseResponse> responder);
  void GetSequencer(const GetSequencerRequest& request, Responder<GetSequencerResponse> responder);
  void CheckSequencer(const CheckSequencerRequest& request,
                      Responder<CheckSequencerResponse> responder);
  void HoldsLock(const HoldsLockRequest& request, Responder<HoldsLockResponse> responder);
  void EndSession(const EndSessionRequest& request, Responder<EndSessionResponse> responder);
  void GetSession(const GetSessionRequest& request, Responder<GetSessionResponse> responder);
  void NextEvents(const NextEventsRequest& request, Responder<NextEventsResponse> responder);

 private:
  /// Something that is asked of the cell until it is answered.
  struct Asked {
    virtual ~Asked() = default;
    virtual void Fail(const absl::Status& status) = 0;
    std::uint64_t session = 0;  // 0: it needs none
    std::uint64_t number = 0;   // 0: it only reads; `kNumberWanted`: it has none yet
    int tries = 0;
    Timer pause = {};
  };
  template <class Request, class Response>
  struct AskedFor;
  template <class Response>
  using Done = absl::AnyInvocable<void(absl::StatusOr<Response>)>;

  /// A handle of the session.
  struct OpenHandle {
    std::string path;
    std::uint64_t instance = 0;
    std::optional<Sequencer> holds = {};
    int asking = 0;  ///< for its lock, and not yet answered
    // What it was opened for, and whether another Open can do with it once it is closed (bonus).
    bool write = false;
    bool change_acl = false;
    bool keepable = false;
  };
  /// An answer to the user that waits until it is known whether the session lives.
  struct Unsafe {
    absl::AnyInvocable<void()> answer;
    absl::AnyInvocable<void(const absl::Status&)> fail;
  };

  // Asking the cell (client_asking.h).
  template <class Request, class Response>
  void Ask(const Method<Request, Response>& method, Request request, bool changes,
           Done<Response> done);
  template <class Request, class Response>
  void Try(const Method<Request, Response>& method, std::uint64_t key);
  template <class Response>
  void AnswerWhenSafe(Responder<Response> responder, absl::StatusOr<Response> answer);

  // What is common to all that is asked (client.cc).
  void ServeAll();
  bool TakeNumber(Asked& asked, Call& call);
  void FailAll(const absl::Status& status);
  void WhenSafe(Unsafe unsafe);
  absl::Status CheckSession(std::uint64_t handle);
  const OpenHandle* Find(std::uint64_t handle) const;
  std::vector<std::string> PathsOf(std::uint64_t handle) const;

  // Nodes (client_nodes.cc).
  void AskToOpen(const OpenRequest& request, Responder<OpenResponse> responder);
  template <class Request, class Response>
  void Read(const Method<Request, Response>& method, const Request& request,
            std::optional<Response> ClientCache::Entry::*part, Responder<Response> responder);
  template <class Request, class Response>
  void Change(const Method<Request, Response>& method, const Request& request,
              Responder<Response> responder);

  // Open handles that are cached (client_handles.cc; bonus).
  bool KeepOpen(std::uint64_t handle);
  bool OpenAgain(const OpenRequest& request, Responder<OpenResponse>& responder);
  const Stat* CachedStatOf(const OpenHandle& open);

  // Locks (client_locks.cc).
  template <class Request>
  void AskToAcquire(const Method<Request, AcquireResponse>& method, const Request& request,
                    Responder<AcquireResponse> responder);

  // The session and its events (client_session.cc).
  void Tell(Event event);
  void OnValid() override;
  void OnJeopardy() override;
  void OnEnded(bool by_user) override;
  void OnNewMaster() override;
  void OnInvalidation(const std::string& path) override;
  void OnEvent(const Event& event) override;

  static constexpr std::uint64_t kNumberWanted = ~std::uint64_t{0};
  static constexpr std::size_t kKept = 32;  // handles, at the most
  static constexpr Duration kTry = std::chrono::milliseconds(500);
  static constexpr Duration kLongTry = std::chrono::seconds(2);
  static constexpr Duration kShortestPause = std::chrono::milliseconds(20);
  static constexpr Duration kLongestPause = std::chrono::milliseconds(60);

  Env& env_;
  LockClientConfig own_;
  MasterFinder finder_;
  SessionKeeper keeper_;
  ClientCache cache_;

  std::map<std::uint64_t, std::unique_ptr<Asked>> asked_;
  std::uint64_t next_key_ = 1;
  std::set<std::uint64_t> numbers_;  // of the operations that are not answered
  std::uint64_t next_number_ = 1;
  std::map<std::uint64_t, OpenHandle> handles_;
  /// By path: handles that the user has closed, and the cell has not.
  std::map<std::string, std::pair<std::uint64_t, OpenHandle>> kept_;
  std::deque<Unsafe> unsafe_;
  bool was_in_jeopardy_ = false;
  std::vector<absl::AnyInvocable<void()>> before_session_;  // they wait until there is one

  std::deque<Event> events_;  // that the user has not said to have
  std::uint64_t last_event_ = 0;
  /// After which event, and who waits for it.
  std::vector<std::pair<std::uint64_t, Responder<NextEventsResponse>>> listening_;
};

}  // namespace quorum::lock_service
