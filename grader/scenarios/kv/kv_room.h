#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "grader/scenarios/kv/facts.h"
#include "grader/scenarios/kv/history.h"
#include "grader/scenarios/kv/server_rules.h"
#include "grader/scenarios/kv/watch.h"
#include "grader/scenarios/log/observed_log.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::kv {

/// How an operation of a user has ended, if it has.
struct Told {
  bool done = false;
  absl::Status status;
  WriteResponse written;
  GetResponse got;
};
/// Shared by the scenario and by the world, whichever lives longer.
using Pending = std::shared_ptr<const Told>;

/// The kinds of writes.
WriteRequest Append(const std::string& key, const std::string& value);
WriteRequest Put(const std::string& key, const std::string& value);
WriteRequest DeleteKey(const std::string& key);
/// `expected`: nothing means that the key must be absent.
WriteRequest Swap(const std::string& key, const std::optional<std::string>& expected,
                  const std::string& value);

struct RoomOptions {
  int servers = 3;
  int clients = 2;
  std::uint32_t max_sessions = 1000;
  std::uint32_t snapshot_every = 20;
};

/// Servers that keep keys and values over some replicated log, clients that use them, and the rules
/// of part 3G, which hold whatever the log is.
class KvRoom {
 public:
  /// Servers are numbered from 1, clients from `kFirstClient`. `BootAll` starts them.
  KvRoom(Stage& stage, const RoomOptions& options);
  virtual ~KvRoom() = default;

  /// Over this log.
  void BootAll(LogHostFactory server, ReplicatedLogFactory make_log, NodeFactory client);

  /// Has `rule`, which outlives the world's last event, hear what happens too.
  void Add(Rule& rule) { watch_.Add(rule); }

  Stage& stage() { return stage_; }
  sim::World& world() { return stage_.world(); }
  const RoomOptions& options() const { return options_; }
  const Facts& facts() const { return facts_; }
  const Tap& tap() const { return tap_; }
  History& history() { return history_; }
  NodeId client(int index) const { return kFirstClient + static_cast<NodeId>(index); }
  std::vector<NodeId> servers() const;
  std::vector<NodeId> clients() const;

  /// Lets time pass until a leader is announced, other than `but`, and returns it.
  NodeId AwaitLeader(NodeId but = 0);

  // What users do, at any client, or at a server as any program could. `then` is called with the
  // end.
  using Then = std::function<void(const Told&)>;
  Pending Write(NodeId at, const WriteRequest& request, Then then = {});
  Pending Get(NodeId at, const std::string& key, Then then = {});
  /// Lets time pass until it has ended well.
  Told Await(const Pending& operation, const std::string& what);
  /// Lets time pass until `done` holds; nothing is in its way.
  void AwaitThat(const std::function<bool()>& done, const std::string& what);
  /// Somebody opens a session at whoever leads, and never uses it.
  void OpenStrangersSession();

  /// Cuts every link that leads from one of `from` to one of `to`, or mends it.
  void CutWay(const std::vector<NodeId>& from, const std::vector<NodeId>& to, bool cut);
  /// Cuts `node` off from all servers, both ways, or joins it again.
  void CutOff(NodeId node, bool cut);

  void LetThingsGoWrongFor(sim::SimTime duration);
  /// Heals; then what is under way must end, further writes be executed, and every server that runs
  /// apply them. Then what users were told is judged.
  void HealAndJudge(const std::function<bool()>& all_done = [] { return true; });

 protected:
  /// Whether `server`, which has a disk, can be expected to catch up.
  virtual bool CatchesUp(NodeId server) const { return true; }
  Tap& mutable_tap() { return tap_; }

 private:
  void WatchRules();
  template <class Request, class Response>
  Pending Start(NodeId at, const Method<Request, Response>& method, const Request& request,
                Response Told::*where, Then then);
  void DemandThatAllApply();
  void JudgeAppended(const std::string& key, const GetResponse& last);

  Stage& stage_;
  const RoomOptions options_;
  Tap before_;
  Tap tap_;
  Facts facts_;
  StateFollowsLog state_rule_;
  Watch watch_;
  History history_;
};

/// A key that scenarios only append to.
inline constexpr const char* kLogKey = "log";

}  // namespace quorum::grader::kv
