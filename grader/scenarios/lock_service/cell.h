#pragma once

#include <string>
#include <vector>

#include "grader/scenarios/log/tap.h"
#include "labs/lab4_lock_service/lock_service.h"

namespace quorum::grader::locks {

using quorum::lock_service::NodeRecord;
using quorum::lock_service::SessionRecord;
using State = quorum::lock_service::Snapshot;

/// Hears each change of the cell's state.
class CellListener {
 public:
  virtual ~CellListener() = default;
  virtual void Changed(const State& before, const State& after) = 0;
};

/// The state of a cell, as a god would know it: that of the server that was the first to apply the
/// last command. A command counts from when this can be seen.
class Cell final : public LogListener {
 public:
  explicit Cell(const sim::World& world) : world_(world) {}
  void Add(CellListener& listener) { listeners_.push_back(&listener); }

  void Applied(NodeId node, LogIndex index, std::string_view command,
               const std::string& state) override;

  const State& state() const { return state_; }
  LogIndex index() const { return index_; }
  /// What has led to `state`.
  const quorum::lock_service::Command& command() const { return command_; }
  /// The state without what has happened at this very instant: an answer that was given at the same
  /// instant may have come before.
  const State& state_before_now() const;

 private:
  const sim::World& world_;
  std::vector<CellListener*> listeners_;
  quorum::lock_service::Command command_;
  State state_;
  State before_;  // before the first change at `changed_at_`
  sim::SimTime changed_at_ = -1;
  LogIndex index_ = 0;
};

// What there is in a state; null: there is none.
const NodeRecord* FindNode(const State& state, const std::string& path);
const SessionRecord* FindSession(const State& state, std::uint64_t session);
const quorum::lock_service::HandleRecord* FindHandle(const SessionRecord& session,
                                                     std::uint64_t handle);
/// Whether this acquisition lasts.
bool Holds(const State& state, const quorum::lock_service::Sequencer& sequencer);
/// The last components of the paths of a node's children, in ascending order.
std::vector<std::string> ChildrenOf(const State& state, const std::string& path);

}  // namespace quorum::grader::locks
