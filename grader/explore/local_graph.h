#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "grader/explore/pair_table.h"
#include "grader/explore/replica.h"
#include "grader/explore/world_spec.h"

namespace quorum::explore {

/// What the explorer knows about one node after one history.
struct Local {
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  std::uint32_t parent = kNone;  ///< the history without its last event
  std::uint32_t event = kNone;   ///< the last event
  std::uint32_t view = 0;        ///< what the rules make of the node, as a number
  std::uint32_t sent_begin = 0;  ///< what the last event has sent: see `LocalGraph::Sent`
  std::uint32_t open_begin = 0;  ///< calls that wait for an answer: see `LocalGraph::IsOpen`
  std::uint32_t cuts_begin = 0;  ///< where the last event could be cut: see `LocalGraph::Cuts`
  std::uint16_t sent_count = 0;
  std::uint16_t open_count = 0;
  std::uint16_t cuts_count = 0;
  std::uint8_t node = 0;           ///< its index in the world
  std::uint8_t unsynced_left = 0;  ///< how many writes a crash could lose
  bool closes = false;             ///< the last event ended a call
  bool has_timer = false;
  bool call_is_next = false;  ///< a call is due before every timer
  bool failed = false;        ///< its code has failed: see `LocalGraph::FailureOf`
};

/// Numbers the steps of student code as they are made, for whoever wants to know which one has
/// ended the process; the same exploration in another process makes the same ones.
struct Probe {
  std::atomic<std::uint64_t> step = 0;
  std::uint64_t stop_before = 0;  ///< throws ProbeReached before that step; 0: never
};

/// The step is what `event` makes of a node with the history `local`.
struct ProbeReached {
  std::uint32_t local;
  std::uint32_t event;
};

/// How each node of a world answers to events: its histories as a tree, grown as far as somebody
/// has asked. Student code runs once for each history; an instance that is just there goes on, or
/// else a fresh one relives it. A history that has other effects when it is relived is a failure.
class LocalGraph {
 public:
  /// `factories` and the world's nodes correspond. Boots every node.
  LocalGraph(const WorldSpec& spec, const std::vector<NodeFactory>& factories);
  ~LocalGraph();

  std::size_t nodes() const { return spec_.nodes.size(); }
  const WorldSpec& spec() const { return spec_; }
  /// The history of the node of index `node` that consists of its first boot.
  std::uint32_t Root(std::size_t node) const { return static_cast<std::uint32_t>(node); }
  const Local& operator[](std::uint32_t local) const { return locals_[local]; }
  std::size_t size() const { return locals_.size(); }

  /// The history `local` with one more event.
  std::uint32_t Next(std::uint32_t local, std::uint32_t event) {
    const std::uint32_t known = transitions_.Find(local, event);
    return known != PairTable::kNone ? known : Compute(local, event);
  }

  std::uint32_t EventNumber(const Event& event);
  const Event& EventAt(std::uint32_t event) const { return events_[event]; }
  const MessageTable& messages() const { return messages_; }
  /// What happens at its receiver when `message` arrives: the event, and the receiver's index.
  struct Arrival {
    std::uint32_t event;
    std::uint32_t call;  ///< of a response, the call that it answers
    std::uint8_t node;
    bool is_response;
  };
  const Arrival& ArrivalOf(std::uint32_t message) const { return arrivals_[message]; }
  /// The requests of the world's operations.
  const std::vector<std::uint32_t>& operations() const { return operations_; }

  /// Messages of the last event that can arrive somewhere.
  std::span<const std::uint32_t> Sent(const Local& local) const {
    return {sent_.data() + local.sent_begin, local.sent_count};
  }
  bool IsOpen(const Local& local, std::uint32_t call) const {
    for (std::uint32_t i = 0; i < local.open_count; ++i) {
      if (open_[local.open_begin + i] == call) return true;
    }
    return false;
  }
  /// [k]: how many writes a crash after k sends and writes of the last event could lose.
  std::span<const std::uint8_t> Cuts(const Local& local) const {
    return {cuts_.data() + local.cuts_begin, local.cuts_count};
  }
  const sim::Failure& FailureOf(std::uint32_t local) const { return failures_.at(local); }
  /// A value for each rule.
  const std::vector<std::uint32_t>& View(std::uint32_t view) const { return views_[view]; }

  /// The events of a history, oldest first, and what each of them does, the boot first.
  std::vector<std::uint32_t> HistoryOf(std::uint32_t local) const;
  std::vector<StepResult> Relive(std::uint32_t local);

  void SetProbe(Probe* probe) { probe_ = probe; }

  /// How often student code ran: events, and those of them that were there before.
  std::uint64_t events_run() const { return events_run_; }
  std::uint64_t events_relived() const { return events_relived_; }

 private:
  std::uint32_t Compute(std::uint32_t local, std::uint32_t event);
  std::unique_ptr<Replica> TakeInstance(std::uint32_t local);
  void KeepInstance(std::uint32_t local, std::unique_ptr<Replica> instance);
  std::unique_ptr<Replica> MakeInstance(std::size_t node);
  std::uint32_t Record(std::uint32_t parent, std::uint32_t event, std::size_t node,
                       StepResult result);
  void RecordSent(const StepResult& result, Local& local);
  std::uint32_t ViewAfter(std::uint32_t view, std::size_t node, const StepResult& result);
  void ExtendArrivals();
  std::size_t IndexOf(NodeId node) const;

  const WorldSpec& spec_;
  std::vector<NodeFactory> factories_;
  MessageTable messages_;
  std::vector<std::uint32_t> operations_;

  std::vector<Event> events_;
  absl::flat_hash_map<std::uint64_t, std::uint32_t> event_numbers_;
  std::vector<Arrival> arrivals_;  // by message

  std::vector<Local> locals_;
  std::vector<std::uint64_t> effects_hashes_;  // by local
  PairTable transitions_;
  std::vector<std::uint32_t> sent_;
  std::vector<std::uint32_t> open_;
  std::vector<std::uint8_t> cuts_;
  absl::flat_hash_map<std::uint32_t, sim::Failure> failures_;
  std::vector<std::vector<std::uint32_t>> views_;
  absl::flat_hash_map<std::vector<std::uint32_t>, std::uint32_t> view_numbers_;

  absl::flat_hash_map<std::uint32_t, std::unique_ptr<Replica>> instances_;
  std::deque<std::uint32_t> instance_ages_;
  Probe* probe_ = nullptr;
  std::uint64_t events_run_ = 0;
  std::uint64_t events_relived_ = 0;
};

}  // namespace quorum::explore
