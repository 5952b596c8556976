#include "labs/lab4_lock_service/tree.h"

#include "common/env/check.h"
#include "common/env/not_written.h"
#include "labs/lab4_lock_service/names.h"

namespace quorum::lock_service {

Tree::Tree(const std::string& cell) : root_(RootOf(cell)) {
  NodeRecord& root = nodes_[root_];
  root.set_path(root_);
  root.mutable_stat()->set_directory(true);
}

NodeRecord* Tree::Find(const std::string& path) {
  const auto found = nodes_.find(path);
  return found == nodes_.end() ? nullptr : &found->second;
}

const NodeRecord* Tree::Find(const std::string& path) const {
  const auto found = nodes_.find(path);
  return found == nodes_.end() ? nullptr : &found->second;
}

NodeRecord& Tree::Create(const OpenRequest& request, std::uint64_t instance) {
  NotWritten("Make the record, and the node a child of its parent (handout 4A, step 2).");
}

void Tree::Remove(const std::string& path) {
  NotWritten("Forget the node, also among its parent's children (handout 4A, step 2).");
}

std::vector<std::string> Tree::ChildrenOf(const std::string& path) const {
  const auto found = children_.find(path);
  if (found == children_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

Stat Tree::StatOf(const NodeRecord& node) const {
  NotWritten("Complete the stat of the record (the comment of NodeRecord; handout 4A, step 2).");
}

void Tree::Save(Snapshot& snapshot) const {
  for (const auto& [path, node] : nodes_) *snapshot.add_nodes() = node;
}

void Tree::Load(const Snapshot& snapshot) {
  nodes_.clear();
  children_.clear();
  for (const NodeRecord& node : snapshot.nodes()) {
    nodes_[node.path()] = node;
    if (node.path() != root_) children_[ParentOf(node.path())].insert(LastOf(node.path()));
  }
}

}  // namespace quorum::lock_service
