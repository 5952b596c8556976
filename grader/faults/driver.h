#pragma once

#include <set>
#include <vector>

#include "grader/faults/plan.pb.h"
#include "grader/sim/world.h"

namespace quorum::faults {

/// Does to a world what a plan says.
class Driver {
 public:
  /// Both outlive the driver, and the driver outlives the world's last event.
  Driver(sim::World& world, const Plan& plan) : world_(world), plan_(plan) {}

  /// From now on things go wrong.
  void Start();
  /// Ends every fault that is left: links are joined, clocks run true, stopped processes go on,
  /// dead ones are booted. A node whose disk is corrupt stays down.
  void Heal();

  /// One line a fault, for a reader.
  static std::string Describe(const Fault& fault);

 private:
  void Begin(int index);
  void End(int index);
  void BeginDisk(const Disk& disk);
  void EndDisk(const Disk& disk);
  void SetPartition(const Partition& partition, bool cut);
  void MarkDown(NodeId node, int change);

  sim::World& world_;
  const Plan& plan_;
  bool healed_ = false;              // faults that have not begun do not
  std::set<int> active_;             // indices of the faults that have begun and not ended
  std::map<NodeId, int> held_down_;  // how many faults keep this node down
};

}  // namespace quorum::faults
