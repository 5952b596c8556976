#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "grader/check/linearizability/history.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::locks {

/// What users have asked of files and of exclusive locks, and been told, whether they have asked a
/// library or a server. At the end it is judged as a whole: each file, which nobody deletes, is a
/// register with compare and swap, and each lock one whose value is its holder.
class History final : public sim::Monitor {
 public:
  /// Ends the run as a violation unless one order of all operations explains every answer.
  void Judge(Stage& stage) const;

  // sim::Monitor. Whoever plays clients of servers calls these, too.
  void OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                std::string_view request) override;
  void OnReturn(NodeId node, std::uint64_t op, std::string_view path, const absl::Status& status,
                std::string_view response) override;
  void OnCrash(NodeId node, const sim::Disk& disk) override { LoseAll(node); }

 private:
  using Handle = std::pair<NodeId, std::uint64_t>;

  /// A lock that somebody has, or perhaps has.
  struct Hold {
    std::string token;
    std::int64_t since = 0;  ///< when it was last known to last
  };
  /// An operation that is under way.
  struct Begun {
    check::Operation operation;
    Handle handle;
    std::string opens;    ///< the path, of an Open
    bool judged = false;  ///< whether it belongs to the history
    bool releases = false;
  };

  void BeginWrite(NodeId node, Begun& begun, std::string_view request);
  void BeginAcquire(Begun& begun, std::uint64_t op);
  void BeginRelease(Begun& begun);
  void EndRead(Begun& begun, std::string_view response);
  void EndWrite(Begun& begun, std::string_view response);
  void EndAcquire(Begun& begun, std::string_view path, std::string_view response);
  void Keep(Begun&& begun, bool known);
  void LoseAll(NodeId node);
  /// What ends a hold with its session, at some time or never.
  check::Operation EndOf(const Handle& handle, const Hold& hold) const;
  std::string PathOf(const Handle& handle) const;

  std::map<std::uint64_t, Begun> begun_;  // by the world's operation
  std::map<Handle, std::string> handles_;
  std::map<Handle, Hold> holds_;
  std::map<std::pair<std::string, std::uint64_t>, std::string> seen_;  // contents, by generation
  std::vector<check::Operation> history_;
  std::int64_t clock_ = 0;
};

}  // namespace quorum::grader::locks
