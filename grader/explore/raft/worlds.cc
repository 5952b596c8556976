#include "grader/explore/raft/worlds.h"

#include <string>
#include <utility>

#include "common/log/register.h"
#include "grader/explore/raft/host.h"
#include "grader/explore/raft/rules.h"
#include "labs/lab3_raft/raft.h"

namespace quorum::explore::raft {
namespace {

using namespace quorum::raft;

constexpr const char* kOneEntry = "one-entry";

/// A world as it grows: its servers, and the way to where exploration begins.
class World {
 public:
  World(const char* name, const char* story, NodeId servers, const Budgets& budgets)
      : spec_{.lab = "raft", .name = name, .story = story, .budgets = budgets} {
    for (NodeId id = 1; id <= servers; ++id) {
      NodeSpec node{.id = id, .role = kLogRole, .host = RegisterHost()};
      node.config.set_self(id);
      for (NodeId peer = 1; peer <= servers; ++peer) node.config.add_peers(peer);
      spec_.nodes.push_back(std::move(node));
    }
    spec_.rules = RaftRules(servers);
  }

  World& OneEntry() {
    for (NodeSpec& node : spec_.nodes) node.config.add_features(kOneEntry);
    return *this;
  }
  /// Nothing is said but RequestVote, and who would lead.
  World& ElectionsOnly() {
    spec_.off = {kAppendEntries.path};
    return *this;
  }
  /// `server` stands, and asks everybody.
  World& Stands(NodeId server) {
    spec_.directions.push_back(
        {.kind = Direction::Kind::kTimer, .path = kRequestVote.path, .to = {server}});
    return *this;
  }
  /// It does, and `voters` hear and answer it.
  World& Elected(NodeId server, std::vector<NodeId> voters) {
    voters.push_back(server);
    return Stands(server).Settle(kRequestVote.path, voters);
  }
  /// Requests of `path`, and their answers, go between `servers` until there are no more.
  World& Settle(const char* path, const std::vector<NodeId>& servers) {
    spec_.directions.push_back({.path = path, .from = servers, .to = servers, .all = true});
    return *this;
  }
  /// All messages from `from` to `to` arrive.
  World& Arrive(const char* path, NodeId from, NodeId to) {
    spec_.directions.push_back({.path = path, .from = {from}, .to = {to}, .all = true});
    return *this;
  }
  /// All messages from `from` to `to` are lost.
  World& Lost(std::vector<NodeId> from, std::vector<NodeId> to) {
    spec_.directions.push_back({.kind = Direction::Kind::kLoss,
                                .from = std::move(from),
                                .to = std::move(to),
                                .all = true});
    return *this;
  }
  /// A client asks `server` to append `value`: now, or (`at_any_time`) whenever it likes.
  World& Append(NodeId server, const std::string& value, bool at_any_time = false) {
    log::AppendRequest request;
    request.set_value(value);
    spec_.operations.push_back({server, log::kAppend.path, request.SerializeAsString()});
    if (!at_any_time) spec_.directions.push_back({.path = log::kAppend.path, .to = {server}});
    return *this;
  }

  WorldSpec Done() { return std::move(spec_); }

 private:
  WorldSpec spec_;
};

}  // namespace

std::vector<WorldSpec> Worlds() {
  return {
      World("Election",
            "Three servers, which have only just booted. Timers fire twice, so that two of them "
            "stand, or one asks again. RequestVote arrives in every order.",
            3, {.timers = 2})
          .ElectionsOnly()
          .Done(),
      World("ElectionCrash",
            "Three servers. Timers fire twice, and one server dies, between any two events or "
            "between any two things that it sends or writes, and boots again on what its disk has "
            "kept.",
            3, {.timers = 2, .crashes = 1})
          .ElectionsOnly()
          .Done(),
      World("ElectionOfFive",
            "Server 1 of five stands and asks for votes. From here on a timer fires once more "
            "somewhere, one request arrives twice, and the rest arrives in every order.",
            5, {.duplicates = 1, .timers = 1})
          .ElectionsOnly()
          .Stands(1)
          .Done(),
      World("LateVotes",
            "Server 1 of three stood in term 1, and the vote of server 2 is on its way still. "
            "Server 2 stood in term 2, which server 1 has heard of, and now server 1 stands in "
            "term 3. From here on a timer fires once, and everything arrives in every order.",
            3, {.timers = 1})
          .ElectionsOnly()
          .Stands(1)
          .Arrive(kRequestVote.path, 1, 2)
          .Lost({1}, {3})
          .Stands(2)
          .Arrive(kRequestVote.path, 2, 1)
          .Stands(1)
          .Done(),
      World("DeposedLeader",
            "Server 1 of three was elected in term 1, appended its no-op and a client's command, "
            "and nobody has heard of either. Server 2 was elected in term 2 by server 3. From "
            "here on a timer fires once, and everything arrives in every order, an entry a "
            "message.",
            3, {.timers = 1})
          .OneEntry()
          .Elected(1, {2})
          .Append(1, "x")
          .Lost({1}, {2, 3})
          .Elected(2, {3})
          .Done(),
      World("FigureEight",
            "Figure 8 of the paper, from (b) on: the entry of term 1 is on servers 1 and 2, server "
            "5 was elected in term 2 by 3 and 4 and has an entry of its own, and server 1 stands "
            "in term 3. Everything arrives in every order, an entry a message, and a timer fires "
            "once.",
            5, {.timers = 1})
          .OneEntry()
          .Elected(1, {2, 3, 4, 5})
          .Settle(kAppendEntries.path, {1, 2})
          .Lost({1}, {3, 4, 5})
          .Elected(5, {3, 4})
          .Arrive(kRequestVote.path, 5, 1)
          .Lost({5}, {1, 2, 3, 4})
          .Stands(1)
          .Done(),
      World("LedBefore",
            "Server 1 of five led term 1; server 2 holds two entries of it, and its answers are "
            "on their way still. Server 3 led term 2, and its entry has replaced both on server "
            "1, which now leads term 3. From here on a timer fires once, and everything arrives "
            "in every order.",
            5, {.timers = 1})
          .Elected(1, {2, 3})
          .Append(1, "x")
          .Arrive(kAppendEntries.path, 1, 2)
          .Lost({1}, {3, 4, 5})
          .Elected(3, {4, 5})
          .Settle(kAppendEntries.path, {1, 3})
          .Lost({3}, {2, 4, 5})
          .Elected(1, {4, 5})
          .Lost({1}, {2, 3})
          .Done(),
  };
}

}  // namespace quorum::explore::raft
