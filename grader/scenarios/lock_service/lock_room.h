#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "grader/scenarios/lock_service/cell.h"
#include "grader/scenarios/log/tap.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::locks {

inline constexpr sim::SimTime kPatience = 60 * kSecond;

/// Once the faults have stopped, who asks is answered.
extern const Statement kProgress;

/// A cell of the lock service over a log of an earlier lab, and clients of it.
class LockRoom {
 public:
  struct Options {
    int servers = 3;
    int clients = 0;  ///< nodes with the session library
    sim::SimTime lease = 2 * kSecond;
    sim::SimTime grace = 8 * kSecond;
    std::uint32_t snapshot_every = 0;
    bool over_paxos = false;  ///< the log is lab 2's and not lab 3's
    std::uint32_t clock_rate_bound_ppm = 1000;
    bool guarantee =
        true;  ///< whether clocks stay within that bound: what the library answers holds
    bool reference_servers = false;
    bool reference_clients = false;
  };
  LockRoom(Stage& stage, const Options& options);
  LockRoom(const LockRoom&) = delete;
  LockRoom& operator=(const LockRoom&) = delete;
  ~LockRoom();

  Stage& stage() { return stage_; }
  sim::World& world() { return stage_.world(); }
  const Cell& cell() const { return cell_; }
  /// `listener` hears what changes from now on.
  void Tell(CellListener& listener) { cell_.Add(listener); }
  const Options& options() const { return options_; }
  std::vector<NodeId> servers() const;
  std::vector<NodeId> clients() const;
  /// The node of a client, counted from 0.
  static NodeId Client(int number) { return kFirstClient + static_cast<NodeId>(number); }
  /// A path of the cell: "/ls/local/" and `name`.
  static std::string Path(const std::string& name) { return "/ls/local/" + name; }

  /// Whose log leads, as far as has been announced; 0: nobody. To steer by.
  NodeId leader() const { return tap_.leader(); }
  NodeId AwaitLeader();
  /// Cuts every link of `node`, or mends them.
  void CutOff(NodeId node, bool cut);
  /// The same of what some send to others.
  void CutWay(const std::vector<NodeId>& from, const std::vector<NodeId>& to, bool cut);

  /// A user asks the library at `client`; waits for the answer, for a long time.
  template <class Request, class Response>
  absl::StatusOr<Response> Do(NodeId client, const Method<Request, Response>& method,
                              const Request& request) {
    std::shared_ptr<const Pending<Response>> asked = Begin(client, method, request);
    AwaitAnswer(client, method.path, [&] { return asked->answer.has_value(); });
    return *asked->answer;
  }
  /// The same, demanding that it succeeds.
  template <class Request, class Response>
  Response Demand(NodeId client, const Method<Request, Response>& method, const Request& request) {
    const absl::StatusOr<Response> answer = Do(client, method, request);
    DemandOk(client, method.path, answer.status());
    return *answer;
  }
  /// An answer that may come.
  template <class Response>
  struct Pending {
    std::optional<absl::StatusOr<Response>> answer;
  };
  /// A user begins to ask.
  template <class Request, class Response>
  std::shared_ptr<const Pending<Response>> Begin(NodeId client,
                                                 const Method<Request, Response>& method,
                                                 const Request& request) {
    auto pending = std::make_shared<Pending<Response>>();
    world().Invoke<Request, Response>(
        client, method, request,
        [pending](const absl::StatusOr<Response>& response) { pending->answer = response; });
    return pending;
  }

  // What scenarios do all the time; each demands that it succeeds.
  /// Opens a file for writing, creating it if need be; returns the handle.
  std::uint64_t OpenFile(NodeId client, const std::string& path, bool ephemeral = false,
                         std::vector<quorum::lock_service::EventKind> events = {});
  std::string Contents(NodeId client, std::uint64_t handle);
  void SetContents(NodeId client, std::uint64_t handle, const std::string& contents);
  bool TryLock(NodeId client, std::uint64_t handle, sim::SimTime lock_delay = 0);
  quorum::lock_service::SessionState SessionOf(NodeId client);
  bool HoldsLock(NodeId client, std::uint64_t handle);

 private:
  static constexpr NodeId kFirstClient = 101;

  void BootServers();
  void BootClients();
  void AwaitAnswer(NodeId client, const char* method, const std::function<bool()>& answered);
  void DemandOk(NodeId client, const char* method, const absl::Status& status);

  Stage& stage_;
  const Options options_;
  Tap tap_;
  Cell cell_;
};

}  // namespace quorum::grader::locks
