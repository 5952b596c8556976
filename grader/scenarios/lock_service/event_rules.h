#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "grader/check/invariant.h"
#include "grader/scenarios/lock_service/cell.h"

namespace quorum::grader::locks {

/// Each change is told to whoever wished to be told of it. That a handle is invalid is told without
/// a wish; it is demanded where anybody has one, since parts 4A to 4C are played without events.
class ChangesArePublished final : public Invariant, public CellListener {
 public:
  explicit ChangesArePublished(sim::World& world);
  void Changed(const State& before, const State& after) override;

 private:
  void Judge(const State& before, const State& after, const NodeRecord& node,
             quorum::lock_service::EventKind kind, const std::string& child);

  bool wished_ = false;
};

/// The library tells its user what the cell has published for its session: all of it, in order, and
/// nothing before it has happened.
class EventsFollow final : public Invariant, public CellListener {
 public:
  explicit EventsFollow(sim::World& world);
  void Changed(const State& before, const State& after) override;
  void OnBoot(NodeId node, const sim::Disk& disk) override;
  void OnReturn(NodeId node, std::uint64_t op, std::string_view path, const absl::Status& status,
                std::string_view response) override;

 private:
  /// A session's events, by their numbers, as the cell has published them.
  struct Published {
    std::string client;
    std::map<std::uint64_t, quorum::lock_service::Event> events = {};
  };
  /// How far the user of a library is.
  struct Told {
    std::uint64_t own = 0;      ///< the library's last number
    std::uint64_t session = 0;  ///< whose events come at present
    std::uint64_t number = 0;   ///< and the last one of them
  };

  void JudgeTold(NodeId node, const quorum::lock_service::Event& event);
  std::uint64_t SessionOf(const quorum::lock_service::Event& event) const;

  std::map<std::uint64_t, Published> published_;    // by session
  std::map<std::uint64_t, std::uint64_t> handles_;  // whose they are
  std::map<NodeId, Told> told_;
};

}  // namespace quorum::grader::locks
