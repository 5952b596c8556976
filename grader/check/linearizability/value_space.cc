#include "grader/check/linearizability/value_space.h"

#include <algorithm>
#include <cstring>

namespace quorum::check {
namespace {

constexpr Point MakePoint(TreeNode node, std::uint32_t depth) { return Point{node} << 32 | depth; }

constexpr std::uint32_t DepthOf(Point point) { return static_cast<std::uint32_t>(point); }

// How many of the first `size` bytes are the same in both. Histories of append logs compare tens of
// megabytes, so many bytes at a time.
std::uint32_t CommonPrefix(const char* a, const char* b, std::uint32_t size) {
  constexpr std::uint32_t kBlock = 512;
  std::uint32_t same = 0;
  while (same + kBlock <= size && std::memcmp(a + same, b + same, kBlock) == 0) {
    same += kBlock;
  }
  return same +
         static_cast<std::uint32_t>(std::mismatch(a + same, a + size, b + same).first - (a + same));
}

}  // namespace

ValueSpace::ValueSpace(Model model, bool appends)
    : appends_(appends),
      absent_(MakePoint(model == Model::kKv ? kEmpty : kAbsent, 0)),
      nodes_{{"", 0, kAbsent, kNone, kNone, true}, {"", 0, kAbsent, kNone, kNone, false}} {}

Point ValueSpace::Add(const std::optional<std::string>& value) {
  if (!value.has_value()) {
    return absent_;
  }
  last_added_ = Insert(*value);
  nodes_[last_added_].wanted = true;
  return MakePoint(last_added_, nodes_[last_added_].depth);
}

TreeNode ValueSpace::ChildFor(TreeNode node, char next) const {
  TreeNode child = nodes_[node].child;
  while (child != kNone && nodes_[child].text[nodes_[node].depth] != next) {
    child = nodes_[child].sibling;
  }
  return child;
}

TreeNode ValueSpace::AddChild(TreeNode parent, std::string_view value) {
  const auto size = static_cast<std::uint32_t>(value.size());
  nodes_.push_back({value.data(), size, parent, kNone, nodes_[parent].child, false});
  return nodes_[parent].child = this->size() - 1;
}

// Puts a node at `depth` on the edge that leads to `below`.
TreeNode ValueSpace::Split(TreeNode below, std::uint32_t depth) {
  const TreeNode middle = size();
  const TreeNode parent = nodes_[below].parent;
  nodes_.push_back({nodes_[below].text, depth, parent, below, nodes_[below].sibling, false});
  TreeNode* link = &nodes_[parent].child;
  while (*link != below) {
    link = &nodes_[*link].sibling;
  }
  *link = middle;
  nodes_[below].parent = middle;
  nodes_[below].sibling = kNone;
  return middle;
}

// The deepest node that `value` shares with the value added before, made if need be.
TreeNode ValueSpace::Resume(std::string_view value) {
  const Node& last = nodes_[last_added_];
  const auto limit = std::min(last.depth, static_cast<std::uint32_t>(value.size()));
  const std::uint32_t same = CommonPrefix(last.text, value.data(), limit);
  TreeNode node = last_added_;
  while (node != kEmpty && nodes_[nodes_[node].parent].depth >= same) {
    node = nodes_[node].parent;
  }
  return nodes_[node].depth == same ? node : Split(node, same);
}

TreeNode ValueSpace::Insert(std::string_view value) {
  TreeNode node = Resume(value);
  for (;;) {
    const std::uint32_t depth = nodes_[node].depth;
    if (depth == value.size()) {
      return node;
    }
    const TreeNode child = ChildFor(node, value[depth]);
    if (child == kNone) {
      return AddChild(node, value);
    }
    const auto limit = std::min(nodes_[child].depth, static_cast<std::uint32_t>(value.size()));
    const std::uint32_t same =
        depth + CommonPrefix(nodes_[child].text + depth, value.data() + depth, limit - depth);
    node = same == nodes_[child].depth ? child : Split(child, same);
  }
}

void ValueSpace::Seal() {
  first_.resize(size());
  last_.resize(size());
  order_.reserve(size());
  std::vector<TreeNode> open = {kEmpty, kAbsent};
  if (!appends_) {  // No value leads to another.
    for (TreeNode node = 0; node < size(); ++node) {
      order_.push_back(node);
      first_[node] = node;
      last_[node] = node + 1;
    }
    return;
  }
  while (!open.empty()) {
    const TreeNode node = open.back();
    open.pop_back();
    first_[node] = static_cast<std::uint32_t>(order_.size());
    last_[node] = first_[node] + 1;
    order_.push_back(node);
    for (TreeNode child = nodes_[node].child; child != kNone; child = nodes_[child].sibling) {
      open.push_back(child);
    }
  }
  for (std::size_t i = order_.size(); i-- > 1;) {
    TreeNode parent = nodes_[order_[i]].parent;
    last_[parent] = std::max(last_[parent], last_[order_[i]]);
  }
}

Point ValueSpace::Find(std::string_view value) const {
  const Point point = Append(MakePoint(kEmpty, 0), value);
  if (appends_ || point == kNowhere) {
    return point;
  }
  const Node& node = nodes_[NodeOf(point)];
  const bool whole = DepthOf(point) == node.depth && (node.wanted || point == absent_);
  return whole ? point : kNowhere;
}

Point ValueSpace::Append(Point point, std::string_view text) const {
  if (point == kNowhere) {
    return kNowhere;
  }
  TreeNode node = std::max(NodeOf(point), kEmpty);
  std::uint32_t depth = DepthOf(point);
  while (!text.empty()) {
    if (depth == nodes_[node].depth) {
      node = ChildFor(node, text.front());
      if (node == kNone) {
        return kNowhere;
      }
    }
    const auto step = std::min<std::size_t>(nodes_[node].depth - depth, text.size());
    if (std::memcmp(nodes_[node].text + depth, text.data(), step) != 0) {
      return kNowhere;
    }
    text.remove_prefix(step);
    depth += static_cast<std::uint32_t>(step);
  }
  return MakePoint(node, depth);
}

}  // namespace quorum::check
