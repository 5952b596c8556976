#pragma once

#include <map>
#include <set>
#include <string>

#include "grader/report/diagram/narrator.h"

namespace quorum::report {

/// The paper of a diagram: time at the left, a lane for each node, words at the right.
class Sheet {
 public:
  Sheet(const std::set<NodeId>& nodes, std::size_t width);

  /// From now on the lane of `node` is drawn so: '|' up, '.' down, ':' stopped.
  void SetLane(NodeId node, char look) { looks_[node] = look; }
  /// Names the lanes.
  void Header();
  /// Draws a line; across the lanes when it is about no node.
  void Draw(sim::SimTime at, const Line& line);

  std::string Take() { return std::move(text_); }

 private:
  void Say(const Line& line);
  std::string Lanes() const;
  void DrawArrow(const Line& line, std::string& lanes) const;
  std::size_t ColumnOf(NodeId node) const { return columns_.at(node); }

  std::size_t width_;
  std::size_t words_at_ = 0;  ///< the column where the words begin
  std::map<NodeId, std::size_t> columns_;
  std::map<NodeId, char> looks_;
  std::string last_time_;
  std::string text_;
};

}  // namespace quorum::report
