#include "grader/scenarios/raft/microscope.h"

#include <fmt/format.h>

#include "common/log/register.h"

namespace quorum::grader::raft {
namespace {

using namespace quorum::raft;

constexpr Statement kAnswers = {"raft.answers",
                                "A server that runs and has its disk answers every RPC of Raft.",
                                "Raft, figure 2 and section 5.1; handout 3A, steps 4 and 5"};

/// Parts 3A to 3C do without snapshots.
RegisterRoom::Options Populate(RegisterRoom::Options options) {
  options.snapshot_every = kNoSnapshots;
  for (int node = 2; node <= options.nodes + options.joiners; ++node) {
    options.puppets.insert(static_cast<NodeId>(node));
  }
  return options;
}

}  // namespace

Microscope::Microscope(Stage& stage, const RegisterRoom::Options& options)
    : stage_(stage), room_(stage, Populate(options)) {}

Microscope::Microscope(Stage& stage, int servers, std::vector<std::string> features,
                       std::uint32_t clock_rate_bound_ppm)
    : Microscope(stage, {.nodes = servers,
                         .features = std::move(features),
                         .clock_rate_bound_ppm = clock_rate_bound_ppm}) {}

template <class Request, class Response>
Response Microscope::Ask(NodeId from, const Method<Request, Response>& method,
                         const Request& request) {
  const auto response = puppet(from).Ask(1, method, request);
  stage_.Require(kAnswers, response.ok(),
                 fmt::format("Server {} calls {} of server 1; it is answered: {}.", from,
                             method.path, response.status().ToString()));
  return *response;
}

RequestVoteResponse Microscope::AskForVote(NodeId candidate, Term term,
                                           const Candidacy& candidacy) {
  RequestVoteRequest request;
  request.set_term(term);
  request.set_candidate_id(candidate);
  request.set_last_log_index(candidacy.last_index);
  request.set_last_log_term(candidacy.last_term);
  const auto response = Ask(candidate, kRequestVote, request);
  stage_.Step(
      fmt::format("Server {}, whose log ends with index {} of term {}, asks for a vote in "
                  "term {}: {}.",
                  candidate, candidacy.last_index, candidacy.last_term, term,
                  response.vote_granted() ? "granted" : "refused"));
  return response;
}

AppendEntriesResponse Microscope::Append(NodeId leader, Term term, LogIndex prev_index,
                                         Term prev_term, const std::vector<Term>& terms,
                                         LogIndex commit) {
  AppendEntriesRequest request;
  request.set_term(term);
  request.set_leader_id(leader);
  request.set_prev_log_index(prev_index);
  request.set_prev_log_term(prev_term);
  request.set_leader_commit(commit);
  for (const Term of : terms) {
    *request.add_entries() =
        MakeEntry(prev_index + 1 + static_cast<LogIndex>(request.entries_size()), of);
  }
  const auto response = Ask(leader, kAppendEntries, request);
  stage_.Step(
      fmt::format("Server {} leads term {} and sends {} behind index {} of term {}, with "
                  "commit index {}: {}.",
                  leader, term,
                  terms.empty()       ? "a heartbeat"
                  : terms.size() == 1 ? fmt::format("an entry of term {}", terms.front())
                                      : fmt::format("entries of terms {}", fmt::join(terms, ", ")),
                  prev_index, prev_term, commit, response.success() ? "success" : "refused"));
  return response;
}

AppendEntriesResponse Microscope::AppendThese(NodeId leader, Term term, LogIndex prev_index,
                                              Term prev_term, const std::vector<Entry>& entries,
                                              LogIndex commit) {
  AppendEntriesRequest request;
  request.set_term(term);
  request.set_leader_id(leader);
  request.set_prev_log_index(prev_index);
  request.set_prev_log_term(prev_term);
  request.set_leader_commit(commit);
  std::vector<std::string> what;
  for (const Entry& entry : entries) {
    *request.add_entries() = entry;
    const auto membership = UnderstandMembership(entry.configuration());
    what.push_back(entry.has_configuration()
                       ? fmt::format("the configuration [{}]", NameMembers(*membership))
                       : "a command");
  }
  const auto response = Ask(leader, kAppendEntries, request);
  stage_.Step(
      fmt::format("Server {} leads term {} and sends {} behind index {}, with commit index "
                  "{}: {}.",
                  leader, term, fmt::join(what, ", "), prev_index, commit,
                  response.success() ? "success" : "refused"));
  return response;
}

InstallSnapshotResponse Microscope::Install(NodeId leader, const InstallSnapshotRequest& piece) {
  InstallSnapshotRequest request = piece;
  request.set_leader_id(leader);
  const auto response = Ask(leader, kInstallSnapshot, request);
  stage_.Step(
      fmt::format("Server {} leads term {} and sends bytes {} to {} of a snapshot up to "
                  "index {}{}: server 1 has {} bytes.",
                  leader, request.term(), request.offset(),
                  request.offset() + request.data().size(), request.last_included_index(),
                  request.done() ? ", the last ones" : "", response.next_offset()));
  return response;
}

PreVoteResponse Microscope::AskForPreVote(NodeId asker, Term next_term,
                                          const Candidacy& candidacy) {
  PreVoteRequest request;
  request.set_next_term(next_term);
  request.set_candidate_id(asker);
  request.set_last_log_index(candidacy.last_index);
  request.set_last_log_term(candidacy.last_term);
  const auto response = Ask(asker, kPreVote, request);
  stage_.Step(
      fmt::format("Server {}, whose log ends with index {} of term {}, asks who would vote for it "
                  "in term {}: {}.",
                  asker, candidacy.last_index, candidacy.last_term, next_term,
                  response.granted() ? "server 1 would" : "server 1 would not"));
  return response;
}

TimeoutNowResponse Microscope::TellToStand(NodeId leader, Term term) {
  TimeoutNowRequest request;
  request.set_term(term);
  request.set_leader_id(leader);
  const auto response = Ask(leader, kTimeoutNow, request);
  stage_.Step(
      fmt::format("Server {}, which leads term {}, tells server 1 to stand for election; "
                  "it answers that it is in term {}.",
                  leader, term, response.term()));
  return response;
}

void Microscope::Vote(const std::set<NodeId>& voters) {
  for (const NodeId voter : voters) {
    puppet(voter).Always<PreVoteRequest, PreVoteResponse>(
        kPreVote, [](const PreVoteRequest& request) {
          PreVoteResponse response;
          response.set_term(request.next_term() - 1);
          response.set_granted(true);
          return response;
        });
    puppet(voter).Always<RequestVoteRequest, RequestVoteResponse>(
        kRequestVote, [](const RequestVoteRequest& request) {
          RequestVoteResponse response;
          response.set_term(request.term());
          response.set_vote_granted(true);
          return response;
        });
  }
  const bool one = voters.size() == 1;
  stage_.Step(fmt::format("From now on server{} {} grant{}.", one ? "" : "s",
                          fmt::join(voters, ", "), one ? "s its vote" : " their votes"));
}

void Microscope::Support(const std::set<NodeId>& supporters) {
  Vote(supporters);
  for (const NodeId supporter : supporters) {
    puppet(supporter).Always<AppendEntriesRequest, AppendEntriesResponse>(
        kAppendEntries, [](const AppendEntriesRequest& request) {
          AppendEntriesResponse response;
          response.set_term(request.term());
          response.set_success(true);
          return response;
        });
  }
}

Term Microscope::AwaitCandidacy(Term after) {
  const auto stands = [&] {
    for (const auto& [term_and_node, candidacy] : room_.ledger().candidacies()) {
      if (term_and_node.second == 1 && term_and_node.first > after) return term_and_node.first;
    }
    return Term{0};
  };
  const bool stood = world().RunUntil([&] { return stands() > 0; }, kPatience);
  stage_.Require(kElection, stood,
                 "Server 1 hears from no leader, and does not stand for election within 20 "
                 "simulated seconds.");
  stage_.Step(fmt::format("Server 1 stands for election in term {}.", stands()));
  return stands();
}

Term Microscope::AwaitLead(Term after) {
  const Ledger& ledger = room_.ledger();
  const bool leads = world().RunUntil(
      [&] { return ledger.latest_leader() == 1 && ledger.latest_term() > after; }, kPatience);
  stage_.Require(kElection, leads,
                 "A majority grants server 1 its votes, and it does not lead after 20 simulated "
                 "seconds.");
  stage_.Step(fmt::format("Server 1 leads term {}.", ledger.latest_term()));
  return ledger.latest_term();
}

std::string Microscope::Command(LogIndex index, Term term) {
  log::RegisterCommand command;
  command.set_append(fmt::format("{}@{} ", index, term));
  return command.SerializeAsString();
}

Entry Microscope::MakeEntry(LogIndex index, Term term) {
  Entry entry;
  entry.set_index(index);
  entry.set_term(term);
  entry.set_command(Command(index, term));
  return entry;
}

Entry Microscope::MakeEntry(LogIndex index, Term term, const Membership& membership) {
  Entry entry;
  entry.set_index(index);
  entry.set_term(term);
  *entry.mutable_configuration() = MakeConfiguration(membership);
  return entry;
}

void StopAnswering(Microscope& lens) {
  for (const NodeId puppet : {2, 3}) {
    lens.puppet(puppet).Always<AppendEntriesRequest, AppendEntriesResponse>(
        kAppendEntries, [](const AppendEntriesRequest&) { return std::nullopt; });
  }
}

}  // namespace quorum::grader::raft
