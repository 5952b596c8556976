#pragma once

#include "grader/check/statement.h"

/// What must hold of Raft, in words: judged by rules.h in simulated worlds, and by
/// grader/explore/raft in explored ones.
namespace quorum::grader::raft {

inline constexpr Statement kTermNeverFalls = {
    "raft.term-never-falls",
    "A server's current term never falls, also not over a "
    "crash.",
    "Raft, section 5.1, and figure 2, State; handout 3C, step 1"};
inline constexpr Statement kTermIsDurable = {
    "raft.term-is-durable",
    "What a server says in a term, it says when that term is on its disk: a crash must not take it "
    "back to an earlier one.",
    "Raft, figure 2, State (persistent state is updated before responding to RPCs); handout 3A, "
    "step 1"};
inline constexpr Statement kOneVoteATerm = {
    "raft.one-vote-a-term",
    "A server votes for at most one candidate in a term, itself included, also over a crash.",
    "Raft, section 5.2; handout 3A, step 4"};
inline constexpr Statement kVoteIsDurable = {
    "raft.vote-is-durable",
    "A vote is on the voter's disk before anybody hears of it, a candidate's for itself included.",
    "Raft, figure 2, State (persistent state is updated before responding to RPCs); handout 3A, "
    "step 1"};
inline constexpr Statement kVotesForUpToDate = {
    "raft.votes-for-up-to-date",
    "A server votes only for a candidate whose log is at least as up-to-date as its own: whose "
    "last "
    "entry has a later term, or the same term and no smaller an index.",
    "Raft, section 5.4.1; handout 3A, step 4"};
inline constexpr Statement kCandidateTellsItsLog = {
    "raft.candidate-tells-its-log",
    "A candidate sends index and term of the last entry of its log.",
    "Raft, figure 2, RequestVote RPC (arguments); handout 3A, step 3, and after a restart 3C, step "
    "2"};
inline constexpr Statement kLostDiskIsSilent = {
    "raft.lost-disk-is-silent",
    "A server that has lost its disk cannot know how it voted and what it acknowledged, so under "
    "that id it takes no part any more.",
    "Raft, figure 2, State (persistent state); raft.proto, TermAndVote; handout 3C, step 1"};
inline constexpr Statement kElectedByMajority = {
    "raft.elected-by-majority",
    "A server leads a term only with the votes of a majority, given in that term: of the voters "
    "that the last configuration in its log names; while that is a joint one, of the old and of "
    "the new ones.",
    "Raft, sections 5.2 and 6; handout 3A, step 3"};
inline constexpr Statement kElectionSafety = {
    "raft.election-safety", "At most one leader is elected in a term.",
    "Raft, figure 3, Election Safety; section 5.2; handout 3A, steps 3 and 4"};
inline constexpr Statement kLeaderAppendOnly = {
    "raft.leader-append-only",
    "A leader never overwrites or deletes entries in its log; it only appends.",
    "Raft, figure 3, Leader Append-Only; section 5.3; handout 3B, step 3"};
inline constexpr Statement kLogMatching = {
    "raft.log-matching",
    "If two logs contain an entry with the same index and term, then the logs are identical up to "
    "that index.",
    "Raft, figure 3, Log Matching; section 5.3; handout 3B, step 3"};
inline constexpr Statement kLeaderCompleteness = {
    "raft.leader-completeness",
    "Whatever was committed in an earlier term is in the log of the leader of every later one.",
    "Raft, figure 3, Leader Completeness; section 5.4; handout 3A, step 4, and 3B, step 6"};
inline constexpr Statement kCommittedStays = {
    "raft.committed-stays",
    "An entry that is committed is never deleted or overwritten, at any server that knows of its "
    "term: only entries that conflict with the leader's are, and such an entry does not.",
    "Raft, figure 2, AppendEntries RPC (step 3); section 5.4.3; handout 3B, step 3"};
inline constexpr Statement kSendsItsLog = {
    "raft.sends-its-log",
    "A leader sends entries of its own log without a gap, and with them index and term of the "
    "entry before them; what is not on its disk yet is of its own term, and gets there as it was "
    "sent.",
    "Raft, figure 2, AppendEntries RPC (arguments); section 5.3; thesis, section 10.2.1; handout "
    "3B, step 2, and 3C, step 2"};
inline constexpr Statement kSuccessIsDurable = {
    "raft.success-is-durable",
    "A server answers success to AppendEntries, a heartbeat included, only when its disk holds the "
    "leader's log up to the last entry of the request.",
    "Raft, figure 2, AppendEntries RPC (steps 2 to 4), State (persistent state); handout 3B, "
    "steps 1 and 3"};
inline constexpr Statement kCommitIsBacked = {
    "raft.commit-is-backed",
    "A leader counts as committed only what a majority holds on disk, itself like the others, up "
    "to an entry of the leader's own term: of the voters that the last configuration in its log "
    "names; while that is a joint one, of the old and of the new ones.",
    "Raft, sections 5.3, 5.4.2 and 6; handout 3B, steps 4 and 6"};
inline constexpr Statement kCommitNeverFalls = {
    "raft.commit-never-falls", "A server's commit index never falls while it runs.",
    "Raft, figure 2, State (commitIndex increases monotonically); handout 3B, step 7"};
inline constexpr Statement kSnapshotIsCommitted = {
    "raft.snapshot-is-committed",
    "A snapshot covers committed entries only, and is kept and sent with the term of the last of "
    "them.",
    "Raft, section 7; handout 3D, step 1"};
inline constexpr Statement kAppliedInOrder = {
    "raft.state-machine-safety",
    "Every server applies the committed commands index by index, the same one at the same index: "
    "none is left out, none comes twice.",
    "Raft, figure 3, State Machine Safety; section 5.4.3; handout 3B, step 7"};
inline constexpr Statement kAnswerIsOwn = {
    "raft.answer-is-own",
    "A client is told that its command was executed only if that very command is committed at the "
    "index that it is told.",
    "Raft, sections 5.3 and 8; handout 3B, step 7"};

inline constexpr Statement kFastBackUp = {
    "raft.fast-back-up",
    "A leader goes back over all conflicting entries of a term at once, not over one entry a "
    "message.",
    "Raft, end of section 5.3; handout 3B, step 5"};

inline constexpr Statement kStepsDown = {
    "raft.steps-down",
    "A server that hears of a later term, also in an answer, enters it as a follower.",
    "Raft, section 5.1, and figure 2, Rules for Servers (all servers); handout 3A, step 2"};

}  // namespace quorum::grader::raft
