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
  // [solution: Make the record, and the node a child of its parent (handout 4A, step 2).]
  NodeRecord node;
  node.set_path(request.path());
  Stat& stat = *node.mutable_stat();
  stat.set_instance(instance);
  stat.set_directory(request.directory());
  stat.set_ephemeral(request.ephemeral());
  if (!request.directory()) {
    node.set_contents(request.contents());
    stat.set_content_generation(1);
  }
  children_[ParentOf(request.path())].insert(LastOf(request.path()));
  return nodes_[request.path()] = std::move(node);
  // [end]
}

void Tree::Remove(const std::string& path) {
  // [solution: Forget the node, also among its parent's children (handout 4A, step 2).]
  Check(!children_.contains(path), "A node with children stays.");
  const auto siblings = children_.find(ParentOf(path));
  siblings->second.erase(LastOf(path));
  if (siblings->second.empty()) children_.erase(siblings);
  nodes_.erase(path);
  // [end]
}

std::vector<std::string> Tree::ChildrenOf(const std::string& path) const {
  const auto found = children_.find(path);
  if (found == children_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

Stat Tree::StatOf(const NodeRecord& node) const {
  // [solution: Complete the stat of the record (the comment of NodeRecord; handout 4A, step 2).]
  Stat stat = node.stat();
  stat.set_size(node.contents().size());
  stat.set_checksum(ChecksumOf(node.contents()));
  const auto children = children_.find(node.path());
  if (children != children_.end()) {
    stat.set_children(static_cast<std::uint32_t>(children->second.size()));
  }
  return stat;
  // [end]
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
