#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "common/env/time.h"
#include "grader/faults/plan.pb.h"
#include "grader/sim/event_queue.h"

namespace quorum::sim {

/// What every pair of nodes is joined by, and what goes wrong on the way. The fate of a message is
/// drawn from hash(seed, link, its ordinal on the link) and from nothing else, so that taking one
/// fault out of a plan disturbs the others little.
class Network {
 public:
  /// What becomes of one message.
  struct Fate {
    bool drop = false;
    bool duplicate = false;
    SimTime delay = 0;            ///< from sending to delivery
    SimTime tail = 0;             ///< the part of it that is out of the ordinary
    SimTime duplicate_delay = 0;  ///< and to the second delivery
  };

  explicit Network(std::uint64_t seed) : seed_(seed) {}

  void SetConditions(const faults::Network& conditions) { conditions_ = conditions; }
  const faults::Network& conditions() const { return conditions_; }
  /// Adds faults of single messages.
  void AddMessageFault(const faults::MessageFault& fault);
  /// Forgets all conditions and faults but the smallest delays; cuts are ended by whoever made
  /// them.
  void Heal();

  /// Cuts the link from -> to; cuts add up, and each is ended by one Mend.
  void Cut(NodeId from, NodeId to) { ++Between(from, to).cuts; }
  void Mend(NodeId from, NodeId to) { --Between(from, to).cuts; }
  bool IsCut(NodeId from, NodeId to, SimTime now);
  /// Makes one link slow or flapping, until it is called with an empty `link`.
  void SetLink(NodeId from, NodeId to, const faults::Link& link);

  /// Decides the fate of the next message of `bytes` bytes on the link from -> to.
  Fate Draw(NodeId from, NodeId to, SimTime now, std::size_t bytes);

  /// The drops, duplicates and long delays drawn so far, as single items: only while it is switched
  /// on. The shrinker replaces the rates by them.
  void RecordDrawnFaults() { recording_ = true; }
  const std::vector<faults::MessageFault>& drawn_faults() const { return drawn_; }

 private:
  struct LinkState {
    int cuts = 0;
    std::uint64_t ordinal = 0;
    SimTime extra_delay = 0;
    SimTime flap = 0;
    SimTime flap_since = 0;
    SimTime bytes_per_second = 0;
    SimTime free_at = 0;  ///< when the link has sent what was put on it, where bandwidth is limited
  };

  LinkState& Between(NodeId from, NodeId to);
  Fate DrawByRates(std::uint64_t hash) const;

  std::uint64_t seed_;
  faults::Network conditions_;
  std::vector<std::vector<LinkState>> links_;
  std::map<std::tuple<NodeId, NodeId, std::uint64_t>, faults::MessageFault> message_faults_;
  bool recording_ = false;
  std::vector<faults::MessageFault> drawn_;
};

}  // namespace quorum::sim
