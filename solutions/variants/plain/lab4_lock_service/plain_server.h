#pragma once

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "labs/lab4_lock_service/barriers.h"
#include "labs/lab4_lock_service/clock_bound.h"
#include "plain_cell.h"

namespace quorum::lock_service {

/// A server of another shape: node and state machine are one, and commands tell nobody what they
/// have brought about. After each, the master looks at the whole state for what it has to do. A
/// change of anything empties all caches but that of who asks.
class PlainLockServer final : public Node, public StateMachine {
 public:
  PlainLockServer(Env& env, const NodeConfig& config, ReplicatedLogFactory make_log);

  // StateMachine.
  std::string Apply(LogIndex index, std::string_view bytes) override;
  std::string Snapshot() const override { return cell_.state().SerializeAsString(); }
  absl::Status Restore(LogIndex index, std::string_view bytes) override;
  void OnLeadership(std::uint64_t epoch) override;
  void OnLeadershipLost(std::uint64_t epoch) override;

 private:
  using Done = absl::AnyInvocable<void(const Result&)>;
  using Operation = std::pair<std::uint64_t, std::uint64_t>;  // a session's, and its number

  struct Held {
    KeepAliveRequest request;
    Responder<KeepAliveResponse> responder;
    Time arrived;
    Timer over = {};
  };
  /// What the master knows of a client.
  struct Client {
    Time lease_until = {};
    bool dying = false;              // the lease is over: only the log can end the session now
    bool has_dropped = true;         // all that it had cached in earlier epochs
    std::uint64_t told = 0;          // the last invalidation
    std::uint64_t dropped = 0;       // the last one that it has carried out
    std::set<std::string> has = {};  // what it may have cached
    std::deque<Invalidation> to_drop = {};
    std::vector<Held> held = {};
    bool trimming = false;
  };
  /// A change that waits until caches are empty.
  struct Gate {
    std::map<std::uint64_t, std::uint64_t> waits_for;  // by session: the invalidation
    Command command;
    Done done;
  };

  // What clients ask (plain_requests.cc).
  void ServeAll();
  void ServeSessions();
  void ServeReads();
  template <class Request, class Response, class Put, class Get>
  void ServeChange(const Method<Request, Response>& method, Put put, Get get);
  template <class Request, class Response, class Fill>
  void ServeRead(const Method<Request, Response>& method, Fill fill);

  // Changes, and what comes of them (plain_server.cc).
  void Change(Command command, Done done);
  void Propose(const Command& command, Done done);
  void OnProposed(std::uint64_t epoch, const Operation& operation, const ProposeOutcome& outcome,
                  Done done);
  void Insist(const Command& command);
  void BecomeMaster(std::uint64_t epoch);
  void LookSoon();
  void Look();
  void LookAtSessions();
  void LookAtLocks();
  void AnswerWaiting();

  // Leases and caches (plain_clients.cc).
  void KeepAlive(const KeepAliveRequest& request, Responder<KeepAliveResponse> responder);
  void Answer(Held held);
  void AnswerHeld(Client& client);
  bool HasNews(const KeepAliveRequest& request, const SessionRecord& session, const Client& client);
  void LookAtLeases();
  bool MayCache(std::uint64_t session, const std::string& path);
  void EmptyCache(Client& client);
  void OpenGates();

  Env& env_;
  LockServerConfig config_;
  const ClockBound bound_;
  PlainCell cell_;
  LogIndex applied_ = 0;
  std::uint64_t since_snapshot_ = 0;
  Timer look_;

  // Of the mastership.
  std::uint64_t leads_in_ = 0;
  std::uint64_t epoch_ = 0;  // 0: not the master
  std::map<std::uint64_t, Client> clients_;
  std::map<Operation, std::vector<Done>> waiting_;
  std::map<Operation, Timer> patience_;
  std::map<std::uint64_t, Timer> delays_;
  std::list<Gate> gates_;
  int changes_ = 0;  // under way
  Timer leases_;
  Timer retry_;
  std::vector<Command> insisting_;  // the master's own, to be proposed again
  Timer insist_;

  Barriers barriers_;
  std::unique_ptr<ReplicatedLog> log_;
};

}  // namespace quorum::lock_service
