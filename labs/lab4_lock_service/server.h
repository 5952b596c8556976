#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "labs/lab4_lock_service/barriers.h"
#include "labs/lab4_lock_service/caches.h"
#include "labs/lab4_lock_service/clock_bound.h"
#include "labs/lab4_lock_service/leases.h"
#include "labs/lab4_lock_service/lock_machine.h"

namespace quorum::lock_service {

/// One server of a cell: the state machine under its log, and, while it is the master, what clients
/// ask. All that is not in the state machine dies with the mastership.
class LockServer final : public Node, private MachineObserver {
 public:
  LockServer(Env& env, const NodeConfig& config, ReplicatedLogFactory make_log);

 private:
  using Done = absl::AnyInvocable<void(const Result&)>;
  /// A session's operation: its session and its number.
  using Operation = std::pair<std::uint64_t, std::uint64_t>;

  /// A KeepAlive that is held.
  struct Held {
    KeepAliveRequest request;
    Responder<KeepAliveResponse> responder;
    Time arrived;
    Timer release = {};
  };

  /// A session whose end is on its way.
  struct Ending {
    Command command = {};  // what will end it
    bool proposed = false;
    std::vector<Done> waiting = {};
    Timer retry = {};
  };

  // What clients ask (server_requests.cc).
  void ServeAll();
  template <class Request, class Response, class Put, class Get>
  void ServeChange(const Method<Request, Response>& method, Put put, Get get);
  template <class Request, class Response, class Fill>
  void ServeRead(const Method<Request, Response>& method, Fill fill);
  void ServeSessions();
  void ServeNodes();
  void ServeReads();
  void ServeLocks();

  // Mastership (server_mastership.cc).
  void OnLeadership(std::uint64_t epoch) override;
  void OnLeadershipLost(std::uint64_t epoch) override;
  void ProposeMastership(std::uint64_t epoch);
  void BeginServing();
  void StopServing();
  bool serving() const { return epoch_ != 0; }

  // Changes (server.cc).
  void Change(Command command, Done done);
  void Propose(const Command& command, std::vector<std::string> footprint, Done done);
  void OnProposed(std::uint64_t epoch, const Operation& operation,
                  const std::vector<std::string>& footprint, const ProposeOutcome& outcome,
                  Done done);
  void LookAfterSnapshots();
  void Soon(absl::AnyInvocable<void()> what);

  // What a command may change of what clients cache (footprint.cc).
  std::vector<std::string> FootprintOf(const Command& command) const;
  std::vector<std::string> FootprintOfOpen(const OpenRequest& request) const;
  std::vector<std::string> FootprintOfHandle(std::uint64_t session, std::uint64_t handle,
                                             bool may_remove) const;
  std::vector<std::string> FootprintOfClose(const CloseRequest& request) const;
  std::vector<std::string> FootprintOfSession(std::uint64_t session) const;

  // Sessions (server_sessions.cc).
  void KeepAlive(const KeepAliveRequest& request, Responder<KeepAliveResponse> responder);
  void Hold(Held held);
  bool HasNews(const KeepAliveRequest& request, const Session& session) const;
  void Release(std::uint64_t session);
  void Extend(Held held);
  void NoteReceived(const Session& session, std::uint64_t up_to);
  void ExamineLeases();
  void EndSession(Command command, std::uint64_t id, Done done);
  void EndIfQuiet(std::uint64_t session);
  void OnEnded(std::uint64_t session, const Result& result);
  void OnSessionCreated(const Session& session) override;
  void OnSessionEnded(std::uint64_t session) override;
  void OnEvent(std::uint64_t session) override;

  // Waiting for locks (server_locks.cc).
  void OnWaits(const LockClaim& claim) override;
  void OnAnswered(std::uint64_t session, std::uint64_t number) override;
  void OnDelayBegun(const LockDelay& delay) override;
  void AnswerWaiting(Operation operation);
  void AwaitPatience(const LockClaim& claim, Duration patience);
  void AwaitDelay(std::uint64_t delay, Duration length);

  Env& env_;
  const NodeConfig config_;
  LockServerConfig own_;
  const ClockBound bound_;
  LockMachine machine_;

  // Of the mastership.
  std::uint64_t leads_in_ = 0;  // as the log says; 0: it does not lead
  std::uint64_t epoch_ = 0;     // in which this server is the master; 0: it is not
  Timer retry_;
  Leases leases_;
  Timer lease_end_;
  Caches caches_;
  std::map<std::uint64_t, std::vector<Held>> held_;  // by session
  std::map<Operation, std::vector<Done>> waiting_;   // for a lock
  std::map<Operation, Timer> patience_;
  std::map<std::uint64_t, Timer> delay_ends_;
  std::map<std::uint64_t, int> under_way_;  // by session: commands that were not applied yet
  std::map<std::uint64_t, Ending> ending_;  // by session
  std::set<std::uint64_t> trimming_;

  Barriers barriers_;
  std::deque<absl::AnyInvocable<void()>> soon_;
  Timer run_soon_;
  Timer look_;
  std::unique_ptr<ReplicatedLog> log_;  // last: it may use all of the above
};

}  // namespace quorum::lock_service
