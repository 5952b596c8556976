#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "grader/check/linearizability/history.h"

namespace quorum::check {

/// A value of one key, as far as it matters: the node of a radix tree that lies at or below it, and
/// its length. Equal values have equal points.
using Point = std::uint64_t;

/// Every value that nobody looks for, and that no append can turn into one.
inline constexpr Point kNowhere = ~Point{0};

/// A node of the tree.
using TreeNode = std::uint32_t;

inline constexpr TreeNode NodeOf(Point point) { return static_cast<TreeNode>(point >> 32); }

/// The values that somebody looks for (a get that returned one, a cas that expects one) as a radix
/// tree, so that a value is two numbers however long it is. All other values look alike to every
/// operation, so they are one point: that keeps the number of states small without giving up
/// anything. Under appends the prefixes of a wanted value matter too. Without appends a value can
/// only be wanted as a whole.
class ValueSpace {
 public:
  /// `appends`: whether some operation appends.
  ValueSpace(Model model, bool appends);

  /// Adds a value that somebody looks for, and returns its point. `value` must stay where it is.
  /// Values like the one added before are cheap, so add those of an append log in the order of
  /// time.
  Point Add(const std::optional<std::string>& value);

  /// Ends the additions; all that follows is for afterwards.
  void Seal();

  /// The point of an absent value.
  Point absent() const { return absent_; }
  Point Find(std::string_view value) const;
  /// Where `point` comes to when `text` is added at its end.
  Point Append(Point point, std::string_view text) const;

  /// Whether appends alone, or nothing at all, lead from a point at `from` to the value `to`.
  bool Leads(TreeNode from, TreeNode to) const {
    return from < first_.size() && to < first_.size() && first_[from] <= first_[to] &&
           first_[to] < last_[from];
  }

  std::uint32_t size() const { return static_cast<std::uint32_t>(nodes_.size()); }
  bool appends() const { return appends_; }
  /// The nodes, each after its parent.
  const std::vector<TreeNode>& top_down() const { return order_; }
  /// The node above, or `node` itself at the top. Without appends nothing is above anything.
  TreeNode Above(TreeNode node) const { return appends_ ? nodes_[node].parent : node; }

 private:
  struct Node {
    const char* text;     // The value of this node starts here: some added value has it as prefix.
    std::uint32_t depth;  // Its length.
    TreeNode parent;
    TreeNode child;    // The first of its children, or kNone.
    TreeNode sibling;  // The next child of its parent, or kNone.
    bool wanted;
  };
  static constexpr TreeNode kNone = ~TreeNode{0};
  static constexpr TreeNode kAbsent = 0;
  static constexpr TreeNode kEmpty = 1;

  TreeNode Insert(std::string_view value);
  TreeNode Resume(std::string_view value);
  TreeNode Split(TreeNode below, std::uint32_t depth);
  TreeNode AddChild(TreeNode parent, std::string_view value);
  TreeNode ChildFor(TreeNode node, char next) const;

  bool appends_;
  Point absent_;
  std::vector<Node> nodes_;
  TreeNode last_added_ = kEmpty;
  std::vector<TreeNode> order_;
  std::vector<std::uint32_t> first_;  // Where a node stands in `order_`, and
  std::vector<std::uint32_t> last_;   // where the nodes below it end.
};

}  // namespace quorum::check
