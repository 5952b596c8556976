#pragma once

#include <string>
#include <vector>

#include "grader/scenarios/raft/raft_room.h"

namespace quorum::grader::raft {

/// For an append whose outcome does not matter.
inline void Ignore(const absl::StatusOr<log::WriteResponse>&) {}

/// One server of the implementation under test, number 1, among servers that the scenario plays:
/// one rule of figure 2 at a time.
class Microscope {
 public:
  explicit Microscope(Stage& stage, int servers = 3, std::vector<std::string> features = {},
                      std::uint32_t clock_rate_bound_ppm = 1000);
  /// The scenario plays all of these but server 1.
  Microscope(Stage& stage, const RegisterRoom::Options& options);

  RaftRoom& room() { return room_; }
  sim::World& world() { return room_.world(); }
  Puppet& puppet(NodeId id) { return room_.puppet(id); }
  int servers() const { return room_.nodes(); }
  const Ledger& ledger() { return room_.ledger(); }

  /// `candidate` asks server 1 for its vote, and is answered.
  quorum::raft::RequestVoteResponse AskForVote(NodeId candidate, Term term,
                                               const Candidacy& candidacy = {});
  /// `leader` sends it entries of these terms behind `prev_index`; none: a heartbeat.
  quorum::raft::AppendEntriesResponse Append(NodeId leader, Term term, LogIndex prev_index,
                                             Term prev_term, const std::vector<Term>& terms = {},
                                             LogIndex commit = 0);
  /// The same with these entries, whose indices and terms are their own.
  quorum::raft::AppendEntriesResponse AppendThese(NodeId leader, Term term, LogIndex prev_index,
                                                  Term prev_term,
                                                  const std::vector<quorum::raft::Entry>& entries,
                                                  LogIndex commit = 0);
  /// `leader` sends it this piece of a snapshot.
  quorum::raft::InstallSnapshotResponse Install(NodeId leader,
                                                const quorum::raft::InstallSnapshotRequest& piece);

  /// `asker` asks it whether it would vote for it in `next_term`.
  quorum::raft::PreVoteResponse AskForPreVote(NodeId asker, Term next_term,
                                              const Candidacy& candidacy = {});
  /// `leader` tells it to stand for election.
  quorum::raft::TimeoutNowResponse TellToStand(NodeId leader, Term term);

  /// From now on these servers grant every vote, and refuse nothing in AppendEntries: they say that
  /// they hold what they are sent.
  void Support(const std::set<NodeId>& supporters);
  /// From now on these grant every vote and PreVote, and do not answer AppendEntries.
  void Vote(const std::set<NodeId>& voters);

  /// Waits until server 1 stands for election in a later term than `after`, and returns it.
  Term AwaitCandidacy(Term after = 0);
  /// Waits until it leads one.
  Term AwaitLead(Term after = 0);

  /// The command that the scenario puts at `index` in `term`, and its entry.
  static std::string Command(LogIndex index, Term term);
  static quorum::raft::Entry MakeEntry(LogIndex index, Term term);
  static quorum::raft::Entry MakeEntry(LogIndex index, Term term, const Membership& membership);

 private:
  template <class Request, class Response>
  Response Ask(NodeId from, const Method<Request, Response>& method, const Request& request);

  Stage& stage_;
  RaftRoom room_;
};

/// "Thus, a server among servers that the test plays": the graded tests, by what they are about.
std::vector<Scenario> VoteMicroscopes();
std::vector<Scenario> FollowerMicroscopes();
std::vector<Scenario> LeaderMicroscopes();
std::vector<Scenario> SnapshotMicroscopes();
std::vector<Scenario> MembershipMicroscopes();
std::vector<Scenario> NeededLogMicroscopes();

/// Servers 2 and 3 answer no AppendEntries from now on.
void StopAnswering(Microscope& lens);

}  // namespace quorum::grader::raft
