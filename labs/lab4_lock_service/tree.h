#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "labs/lab4_lock_service/lock_service.h"

namespace quorum::lock_service {

/// The nodes of a cell, by their paths. The root is always there.
class Tree {
 public:
  explicit Tree(const std::string& cell);

  const std::string& root() const { return root_; }
  /// Null: there is none. Valid until the node is removed.
  NodeRecord* Find(const std::string& path);
  const NodeRecord* Find(const std::string& path) const;

  /// Adds the node that `request` wishes, as instance `instance`; its parent is a directory.
  NodeRecord& Create(const OpenRequest& request, std::uint64_t instance);
  /// Removes a node without children.
  void Remove(const std::string& path);

  /// The children's last components, in ascending order.
  std::vector<std::string> ChildrenOf(const std::string& path) const;
  /// All of `node`'s stat.
  Stat StatOf(const NodeRecord& node) const;

  void Save(Snapshot& snapshot) const;
  void Load(const Snapshot& snapshot);

 private:
  std::string root_;
  std::map<std::string, NodeRecord> nodes_;
  std::map<std::string, std::set<std::string>> children_;  // by path; none: no entry
};

}  // namespace quorum::lock_service
