#pragma once

#include <optional>
#include <string>

#include "grader/scenarios/raft/raft_room.h"

namespace quorum::grader::raft {

/// A change of the configuration comes to an end once the faults have.
extern const Statement kChangeCompletes;

/// Asks for configurations, one after the other, whoever leads.
class Administrator {
 public:
  Administrator(Stage& stage, RaftRoom& room) : stage_(stage), room_(room) {}

  /// Asks `server` once for this configuration; the answer is kept in `answer`. A server that says
  /// that it is done is judged by what is committed then.
  void Ask(NodeId server, const Membership& wanted);
  /// The answer to the last question; nothing: there is none yet, or it never came.
  const std::optional<quorum::raft::ChangeMembershipResponse>& answer() const { return answer_; }
  bool waits() const { return waits_; }

  /// Until then asks, at times that the seed draws, whoever may lead for what the seed draws.
  void AskNowAndThen(sim::SimTime until);

  /// Asks one server after the other, following hints, until the configuration is in use. The rest
  /// of the world goes on meanwhile.
  void BringAbout(const Membership& wanted);

 private:
  void Judge(NodeId server, const Membership& wanted);

  Stage& stage_;
  RaftRoom& room_;
  bool waits_ = false;
  std::uint64_t asked_ = 0;
  NodeId next_ = 1;
  bool followed_hint_ = false;
  std::optional<quorum::raft::ChangeMembershipResponse> answer_;
};

/// One to five voters and maybe learners, among servers 1 to `servers`.
Membership DrawMembership(Stage& stage, int servers);
/// Servers `first` to `last`, as voters.
Membership Voters(NodeId first, NodeId last);

}  // namespace quorum::grader::raft
