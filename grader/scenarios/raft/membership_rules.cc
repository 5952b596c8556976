#include "grader/scenarios/raft/membership_rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace quorum::grader::raft {
namespace {

constexpr Statement kOneChange = {
    "raft.one-change-at-a-time",
    "A leader makes a new configuration only when the last one in its log is committed.",
    "Raft, section 6; handout 3E, step 3"};
constexpr Statement kJointConsensus = {
    "raft.joint-consensus",
    "Voters change in two steps: C_old is followed by C_old,new, and C_old,new by C_new; otherwise "
    "two disjoint majorities could decide at the same time.",
    "Raft, section 6 and figures 10 and 11; handout 3E, step 4"};
constexpr Statement kLearnersCatchUp = {
    "raft.learners-catch-up",
    "A new server comes to vote only when its disk holds what was committed when a leader first "
    "called it: before, it would be counted and could not help.",
    "Raft, section 6; raft.proto, ChangeMembershipRequest; handout 3E, step 4"};
constexpr Statement kSnapshotHasConfiguration = {
    "raft.snapshot-has-configuration",
    "A snapshot is kept and sent with the last configuration of the log that it replaces, also "
    "with a joint one.",
    "Raft, section 7; raft.proto, Snapshot; handout 3E, step 6"};
constexpr Statement kVotersStand = {
    "raft.voters-stand",
    "A server that no configuration in its log has ever made a voter does not stand for election.",
    "Raft, section 6; handout 3E, step 5"};

}  // namespace

void ConfigurationRule::DiskChanges(NodeId node, const DiskChange& change) {
  const ServerRecord& record = ledger().server(node);
  const auto [term, vote] = change.state ? *change.state : std::pair(record.term, record.voted_for);
  const auto leads = ledger().leaders().find(term);
  // A leader that is alone sends nothing, and so it is not known to be one.
  if (vote != node || (leads != ledger().leaders().end() && leads->second != node)) return;
  std::map<LogIndex, MembershipPtr> known = record.memberships;
  known.try_emplace(0, ledger().first());
  for (const auto& [index, entry] : change.entries) {
    if (!entry || !entry->membership || entry->term != term) continue;
    const auto old = record.log.find(index);
    if (old != record.log.end() && old->second == *entry) continue;
    const auto before = std::prev(known.lower_bound(index));
    GoesOver(node, before->first, *before->second, index, *entry->membership);
    known[index] = entry->membership;
  }
}

OneChangeAtATime::OneChangeAtATime(sim::World& world, Ledger& ledger)
    : ConfigurationRule(world, kOneChange, ledger) {}

void OneChangeAtATime::GoesOver(NodeId leader, LogIndex before_index, const Membership& before,
                                LogIndex index, const Membership& next) {
  if (before_index <= ledger().committed_up_to()) return;
  Violated(fmt::format("Server {} makes the configuration [{}] at index {}. The last one before, "
                       "[{}], is at index {}; the log is committed up to index {}.",
                       leader, NameMembers(next), index, NameMembers(before), before_index,
                       ledger().committed_up_to()),
           leader);
}

JointConsensus::JointConsensus(sim::World& world, Ledger& ledger)
    : ConfigurationRule(world, kJointConsensus, ledger) {}

void JointConsensus::GoesOver(NodeId leader, LogIndex before_index, const Membership& before,
                              LogIndex index, const Membership& next) {
  const bool follows = before.joint() ? !next.joint() && next.voters == before.new_voters
                                      : next.voters == before.voters;
  if (follows) return;
  Violated(fmt::format("Server {} goes over from the configuration [{}] at index {} to [{}] at "
                       "index {}.",
                       leader, NameMembers(before), before_index, NameMembers(next), index),
           leader);
}

LearnersCatchUp::LearnersCatchUp(sim::World& world, Ledger& ledger)
    : ConfigurationRule(world, kLearnersCatchUp, ledger) {}

void LearnersCatchUp::GoesOver(NodeId leader, LogIndex before_index, const Membership& before,
                               LogIndex index, const Membership& next) {
  for (const NodeId voter : next.new_voters) {
    if (before.Votes(voter) || voter == leader) continue;
    const auto called = called_.find(voter);
    const LogIndex needed = called == called_.end() ? ledger().committed_up_to() : called->second;
    const Term term = ledger().server(leader).term;
    const LogIndex held =
        std::max(ledger().server(voter).last_index(), ledger().HoldingOf(term, voter));
    if (held >= needed) continue;
    return Violated(fmt::format("Server {} makes server {} a voter at index {}; its disk holds the "
                                "log up to index {}, and up to {} it was committed when it was {}.",
                                leader, voter, index, held, needed,
                                called == called_.end() ? "not yet called" : "first called"),
                    leader);
  }
}

SnapshotHasConfiguration::SnapshotHasConfiguration(sim::World& world, Ledger& ledger)
    : Rule(world, kSnapshotHasConfiguration, ledger) {}

void SnapshotHasConfiguration::DiskChanges(NodeId node, const DiskChange& change) {
  if (!change.snapshot) return;
  Judge(node, "has", change.snapshot->first, change.snapshot_membership);
}

void SnapshotHasConfiguration::SendsSnapshot(const SnapshotMessage& message) {
  Judge(message.from, "sends", message.index, message.membership);
}

void SnapshotHasConfiguration::Judge(NodeId node, const char* has, LogIndex index,
                                     const MembershipPtr& membership) {
  if (ledger().Committed(index) == nullptr) return;  // no snapshot can be there
  const auto& [at, expected] = ledger().CommittedMembership(index);
  const Membership& said = membership ? *membership : *ledger().first();
  if (said == *expected) return;
  Violated(fmt::format("Server {} {} a snapshot up to index {} with the configuration [{}]{}; the "
                       "last one up to there, at index {}, is [{}].",
                       node, has, index, NameMembers(said), membership ? "" : ", as it names none",
                       at, NameMembers(*expected)),
           node);
}

VotersStand::VotersStand(sim::World& world, Ledger& ledger) : Rule(world, kVotersStand, ledger) {}

void VotersStand::Stands(NodeId from, Term term, const Candidacy&) {
  if (ledger().first()->Votes(from) || voters_.contains(from)) return;
  Violated(fmt::format("Server {} stands for election in term {}; the configuration on its disk is "
                       "[{}], and none before has made it a voter.",
                       from, term, NameMembers(*ledger().MembershipOf(from))),
           from);
}

void VotersStand::DiskChanged(NodeId node, const DiskChange& change) {
  const auto names = [node](const auto& known) { return known.second->Votes(node); };
  if (std::ranges::any_of(ledger().server(node).memberships, names)) voters_.insert(node);
}

void WatchMembershipRules(Stage& stage, Watch& watch, Ledger& ledger) {
  watch.Add(stage.Watch<OneChangeAtATime>(ledger));
  watch.Add(stage.Watch<JointConsensus>(ledger));
  watch.Add(stage.Watch<LearnersCatchUp>(ledger));
  watch.Add(stage.Watch<SnapshotHasConfiguration>(ledger));
  watch.Add(stage.Watch<VotersStand>(ledger));
}

}  // namespace quorum::grader::raft
