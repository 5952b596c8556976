#include "grader/explore/lock_service/worlds.h"

#include <string>
#include <utility>

#include "grader/explore/lock_service/rules.h"
#include "grader/explore/lock_service/small_cell.h"
#include "labs/lab4_lock_service/lock_service.h"

namespace quorum::explore::locks {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLease = 1s;
constexpr Duration kLockDelay = 100ms;

NodeSpec Given(NodeId id, NodeFactory factory) {
  NodeSpec node{.id = id, .given = factory};
  node.config.set_self(id);
  return node;
}

/// A cell of two servers and two clients, as it grows. n1 is the master, and each client has a
/// session and has the lock's file open.
class World {
 public:
  World(const char* name, const char* story, const Budgets& budgets = {})
      : spec_{.lab = "lock_service", .name = name, .story = story, .budgets = budgets} {
    quorum::lock_service::LockServerConfig own;
    own.set_lease_ns(kLease.count());
    for (const NodeId id : kServers) {
      NodeSpec node{.id = id, .role = quorum::lock_service::kServerRole, .host = ServerHost()};
      node.config.set_self(id);
      for (const NodeId peer : kServers) node.config.add_peers(peer);
      node.config.mutable_lab()->PackFrom(own);
      spec_.nodes.push_back(std::move(node));
    }
    spec_.nodes.push_back(Given(kLogNode, &MakeGivenLog));
    for (const NodeId id : kClients) spec_.nodes.push_back(Given(id, &MakeScriptedClient));
    spec_.rules = CellRules(kLease);
    spec_.tell_said = &TellSaid;
    Now(kLogNode, kElect, Leader(kServers[0]));
    for (const NodeId id : kClients) Now(id, kBegin, BeginRequest());
  }

  /// Whenever the explorer likes.
  template <class Request, class Response>
  World& AnyTime(NodeId node, const Method<Request, Response>& method, const Request& request) {
    spec_.operations.push_back({node, method.path, request.SerializeAsString()});
    return *this;
  }
  /// The client asks for the lock, once, and gives it back if it gets it.
  World& Tries(NodeId client) { return AnyTime(client, kTakeTurn, TakeTurnRequest()); }
  /// The same, and it waits for the lock.
  World& Waits(NodeId client) {
    TakeTurnRequest request;
    request.set_waits(true);
    return AnyTime(client, kTakeTurn, request);
  }
  /// The client asks once to keep its session alive, at any time.
  World& Keeps(NodeId client) { return AnyTime(client, kKeepSession, KeepSessionRequest()); }
  /// It has asked, and the master holds the request as long as it may: whoever comes to be the
  /// master will be told that the client caches nothing.
  World& IsKept(NodeId client) {
    KeepSessionRequest request;
    request.set_hold_ns(kLease.count());
    Now(client, kKeepSession, request);
    return *this;
  }
  /// The client has the lock.
  World& Has(NodeId client, Duration lock_delay = {}) {
    TakeTurnRequest request;
    request.set_keeps(true);
    request.set_lock_delay_ns(lock_delay.count());
    Now(client, kTakeTurn, request);
    return *this;
  }
  World& GivesBack(NodeId client) { return AnyTime(client, kGiveBack, GiveBackRequest()); }
  /// The client waits for the lock, which another one has.
  World& AlreadyWaits(NodeId client) {
    TakeTurnRequest request;
    request.set_waits(true);
    Now(client, kTakeTurn, request);
    return *this;
  }
  /// Time goes by until the master finds that a lease is over.
  World& LeaseEnds() {
    spec_.directions.push_back(
        {.kind = Direction::Kind::kTimer, .path = kPropose.path, .to = {kServers[0]}});
    Settle();
    return *this;
  }
  /// n2 becomes the master.
  World& FailsOver() { return AnyTime(kLogNode, kElect, Leader(kServers[1])); }

  /// How many states it has, or so.
  World& UpTo(std::uint64_t states) {
    spec_.states = states;
    return *this;
  }

  WorldSpec Done() { return std::move(spec_); }

 private:
  static ElectRequest Leader(NodeId server) {
    ElectRequest request;
    request.set_server(server);
    return request;
  }

  /// On the way to where exploration begins.
  template <class Request, class Response>
  void Now(NodeId node, const Method<Request, Response>& method, const Request& request) {
    AnyTime(node, method, request);
    spec_.directions.push_back({.path = method.path, .to = {node}});
    Settle();
  }
  /// Whatever nodes have sent arrives, and what comes of it.
  void Settle() {
    std::vector<NodeId> all;
    for (const NodeSpec& node : spec_.nodes) all.push_back(node.id);
    spec_.directions.push_back({.from = all, .all = true});
  }

  WorldSpec spec_;
};

}  // namespace

std::vector<WorldSpec> Worlds() {
  const NodeId tries = kClients[0];
  const NodeId waits = kClients[1];
  return {
      World("TwoClientsOneLock",
            "Two servers on a log that is given; n1 is the master, and stays it. Two clients each "
            "take a turn: n4 tries to get the lock, n5 waits for it, and whoever gets it gives it "
            "back. Everything arrives in every order.")
          .Tries(tries)
          .Waits(waits)
          .Done(),
      World("TwoClientsRepeated",
            "The same, and one request of a client arrives twice, the second time however late.",
            {.duplicates = 1})
          .Tries(tries)
          .Waits(waits)
          .Done(),
      World("TwoClientsFailOver",
            "n4 has the lock, and gives it back at any time; n5 waits for it. The master holds a "
            "KeepAlive of each. n2 becomes the master at any time; n1 may hear of that late, and "
            "before or after what it has proposed is applied. What it has not answered, clients "
            "ask n2.")
          .IsKept(tries)
          .IsKept(waits)
          .Has(tries)
          .GivesBack(tries)
          .Waits(waits)
          .FailsOver()
          .UpTo(20'000'000)
          .Done(),
      World("TwoClientsCrash",
            "n4 tries to get the lock, n5 waits for it, and whoever gets it gives it back. n2 "
            "becomes the master at any time, and one server dies at any time, also between any two "
            "things that it sends. It boots again with nothing, and hears the log from its "
            "beginning if it comes to lead.",
            {.crashes = 1})
          .IsKept(tries)
          .IsKept(waits)
          .Tries(tries)
          .Waits(waits)
          .FailsOver()
          .Done(),
      World("TwoClientsLease",
            "n4 tries to get the lock, n5 waits for it, and whoever gets it gives it back. n1 "
            "stays the master. A timer fires once: a lease ends. n4 asks once, at any time, to "
            "keep its session alive.",
            {.timers = 1})
          .Tries(tries)
          .Waits(waits)
          .Keeps(tries)
          .Done(),
      World("TwoClientsLeaseFailOver",
            "n4 has the lock, and has stopped to keep its session alive; it wakes and gives the "
            "lock back at any time. n5 keeps its session alive and waits for the lock. n2 becomes "
            "the master at any time, and timers fire three times: n5 is answered in time, the "
            "session of n4 ends, and its lock-delay is over.",
            {.timers = 3})
          .IsKept(waits)
          .Has(tries, kLockDelay)
          .GivesBack(tries)
          .Waits(waits)
          .FailsOver()
          .Done(),
      World("TwoClientsLockDelay",
            "n4 had the lock, and its session has ended; n5 waits for the lock, which is in its "
            "lock-delay. From here on n2 becomes the master at any time, and a timer fires.",
            {.timers = 1})
          .IsKept(waits)
          .Has(tries, kLockDelay)
          .AlreadyWaits(waits)
          .LeaseEnds()
          .FailsOver()
          .Done(),
  };
}

}  // namespace quorum::explore::locks
