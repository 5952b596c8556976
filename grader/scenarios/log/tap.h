#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/log/register.h"
#include "grader/sim/monitor.h"
#include "grader/sim/world.h"

namespace quorum::grader {

/// Hears what a log does to its state machine, told when the writes that were made before are
/// durable.
class LogListener {
 public:
  virtual ~LogListener() = default;
  virtual void Applied(NodeId node, LogIndex index, std::string_view command,
                       const std::string& state) {}
  virtual void Restored(NodeId node, LogIndex index, const std::string& state) {}
};

/// Hears what each node's log does to its state machine, and passes it on to the listeners once it
/// counts: what a node does in memory before its writes are durable, nobody has seen yet.
class Tap final : public log::RegisterObserver, public sim::Monitor {
 public:
  explicit Tap(sim::World& world) : world_(world) {}
  void Add(LogListener& listener) { listeners_.push_back(&listener); }

  void OnApply(NodeId node, LogIndex index, std::string_view command,
               const std::string& value) override;
  void OnRestore(NodeId node, LogIndex index, const std::string& value) override;
  void OnLeadership(NodeId node, std::uint64_t epoch) override;

  void OnDurable(NodeId node, const WriteBatch& batch) override { Release(node); }
  void OnCrash(NodeId node, const sim::Disk& disk) override {
    held_.erase(node);
    applied_.erase(node);
    if (leader_ == node) leader_ = 0;
  }

  /// The last index that `node` has applied or restored in this boot.
  LogIndex applied(NodeId node) const {
    const auto found = applied_.find(node);
    return found == applied_.end() ? 0 : found->second;
  }
  /// When the first node applied this index, be it in memory: nothing that follows from that is
  /// earlier. -1: nobody has.
  sim::SimTime first_applied_at(LogIndex index) const {
    const auto found = first_applied_at_.find(index);
    return found == first_applied_at_.end() ? -1 : found->second;
  }
  /// Who was announced in the highest epoch and has not died since; 0: nobody. To steer by. A node
  /// that was stopped on its way may be announced when another one leads already.
  NodeId leader() const { return leader_; }
  int leaderships() const { return leaderships_; }

 private:
  struct Held {
    std::uint64_t until_write;
    std::function<void()> tell;
  };

  /// Whether all that `node` has written before is durable, and told.
  bool MayTell(NodeId node);
  void TellApplied(NodeId node, LogIndex index, std::string_view command, const std::string& value);
  void TellRestored(NodeId node, LogIndex index, const std::string& value);
  void Hold(NodeId node, std::function<void()> tell);
  void Release(NodeId node);
  bool Lives(NodeId node) const { return world_.machines().at(node)->up(); }

  sim::World& world_;
  std::vector<LogListener*> listeners_;
  std::map<NodeId, std::deque<Held>> held_;
  std::map<NodeId, LogIndex> applied_;
  std::map<LogIndex, sim::SimTime> first_applied_at_;
  NodeId leader_ = 0;
  std::uint64_t epoch_ = 0;  // the highest one that was announced
  int leaderships_ = 0;
};

}  // namespace quorum::grader
