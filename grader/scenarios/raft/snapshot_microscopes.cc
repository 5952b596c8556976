// A follower under the microscope: "InstallSnapshot RPC" of figure 13, part 3D.

#include <fmt/format.h>

#include "grader/scenarios/raft/microscope.h"

namespace quorum::grader::raft {
namespace {

using namespace quorum::raft;

constexpr Statement kNeverBack = {
    "raft.snapshot-never-back",
    "A server that has all that a snapshot covers keeps its state and the rest of its log.",
    "Raft, section 7 and figure 13 (steps 5 and 6); handout 3D, step 3"};
constexpr Statement kPieces = {
    "raft.one-snapshot",
    "A follower puts the pieces of one leader's snapshot together, in order, and never pieces of "
    "two.",
    "Raft, section 7 and figure 13 (steps 2 to 4); handout 3D, step 3"};
constexpr Statement kTail = {
    "raft.tail-behind-snapshot",
    "Entries behind a snapshot stay if the log has the snapshot's last entry; otherwise the whole "
    "log is discarded.",
    "Raft, section 7 and figure 13 (steps 6 and 7); handout 3D, step 3"};

constexpr char kOldArrived[] = "an older snapshot arrived";
constexpr char kInstalled[] = "server 1 has installed a snapshot";

InstallSnapshotRequest MakePiece(Term term, LogIndex index, Term last_term, std::string_view state,
                                 std::size_t from, std::size_t to) {
  InstallSnapshotRequest piece;
  piece.set_term(term);
  piece.set_last_included_index(index);
  piece.set_last_included_term(last_term);
  piece.set_offset(from);
  piece.set_data(std::string(state.substr(from, to - from)));
  piece.set_done(to == state.size());
  return piece;
}

/// The scenario's majority has committed entries of these terms.
void Assume(Microscope& lens, const std::vector<Term>& terms) {
  LogIndex index = 0;
  for (const Term term : terms) {
    lens.room().ledger().Assume({term, CommandValue(Microscope::Command(++index, term))});
  }
}

void PlayOldSnapshot(Stage& stage) {
  Microscope lens(stage);
  lens.Append(2, 1, 0, 0, std::vector<Term>(10, 1));
  lens.Append(2, 1, 10, 1, {}, 10);
  lens.world().RunFor(100 * kMillisecond);
  const auto index = static_cast<LogIndex>(stage.random().Between(3, 9));
  std::string state;
  for (LogIndex at = 1; at <= index; ++at) state += fmt::format("{}@1 ", at);
  lens.Install(2, MakePiece(1, index, 1, state, 0, state.size()));
  stage.Observe(kOldArrived);
  lens.world().RunFor(100 * kMillisecond);
  const auto response = lens.Append(2, 1, 10, 1, {1}, 11);
  stage.Require(
      kNeverBack, response.success(),
      fmt::format("Server 1 has applied everything up to index 10, is sent a snapshot up to "
                  "index {}, and then refuses an entry behind index 10.",
                  index));
  lens.world().RunFor(100 * kMillisecond);
  stage.Require(kNeverBack, lens.room().tap().applied(1) == 11,
                fmt::format("Everything up to index 11 is committed, and server 1 has applied "
                            "everything up to index {}.",
                            lens.room().tap().applied(1)));
}

void PlayMixedPieces(Stage& stage) {
  Microscope lens(stage);
  Assume(lens, std::vector<Term>(12, 1));
  const std::string first(1'000, 'a');
  const std::string second(1'000, 'b');
  const auto half = static_cast<std::size_t>(stage.random().Between(300, 700));
  const LogIndex index = stage.random().Below(2) == 0 ? 10 : 12;
  lens.Install(2, MakePiece(5, 10, 1, first, 0, half));
  const auto mixed = lens.Install(3, MakePiece(6, index, 1, second, half, second.size()));
  stage.Require(
      kPieces, mixed.next_offset() == 0,
      fmt::format("Server 1 has the first {} bytes of the snapshot of server 2. Of that of "
                  "server 3 it is sent the last {}, and says that it has {} bytes.",
                  half, second.size() - half, mixed.next_offset()));
  lens.Install(3, MakePiece(6, index, 1, second, 0, half));
  const auto again = lens.Install(3, MakePiece(6, index, 1, second, 0, half));
  stage.Require(kPieces, again.next_offset() == half,
                fmt::format("Server 1 is sent the first {} bytes twice, and says that it has {}.",
                            half, again.next_offset()));
  const auto last = lens.Install(3, MakePiece(6, index, 1, second, half, second.size()));
  stage.Require(kPieces, last.next_offset() == second.size(),
                fmt::format("Server 1 is sent the rest, and says that it has {} of {} bytes.",
                            last.next_offset(), second.size()));
  const auto& disk = lens.world().machine(1).disk.durable();
  Snapshot kept;
  if (const auto found = disk.find(kSnapshotKey); found != disk.end()) {
    kept.ParseFromString(found->second);
  }
  stage.Require(
      kPieces, kept.last_included_index() == index && kept.state() == second,
      fmt::format("Server 1 says that it has all of a snapshot up to index {}; its disk has "
                  "{} bytes of one up to index {}{}.",
                  index, kept.state().size(), kept.last_included_index(),
                  kept.state() == second ? "" : ", and they are not those that it was sent"));
  stage.Observe(kInstalled);
}

void PlayTailBehindSnapshot(Stage& stage) {
  Microscope lens(stage, 5);
  lens.Append(2, 1, 0, 0, std::vector<Term>(6, 1));
  const bool agrees = stage.random().Below(2) == 0;
  const Term last = agrees ? 1 : 2;
  Assume(lens, {1, 1, 1, last});
  const std::string state(100, 's');
  lens.Install(3, MakePiece(3, 4, last, state, 0, state.size()));
  stage.Observe(kInstalled);
  const ServerRecord& record = lens.room().ledger().server(1);
  stage.Require(
      kTail, record.log.size() == (agrees ? 2u : 0u),
      fmt::format("The log of server 1 had six entries of term 1. It is sent a snapshot up "
                  "to index 4 of term {}, and its disk has {} entries then.",
                  last, record.log.size()));
  const auto response = lens.Append(3, 3, 4, last, {3});
  stage.Require(
      kTail, response.success() && record.last_index() == 5,
      fmt::format("Behind the snapshot server 1 is sent an entry of term 3: it answers {}, "
                  "and its log ends with index {}.",
                  response.success() ? "success" : "false", record.last_index()));
}

}  // namespace

std::vector<Scenario> SnapshotMicroscopes() {
  return {
      {.lab = "raft",
       .part = "3D",
       .name = "OldSnapshot",
       .story = "A snapshot comes late, when the follower has applied more than it covers.",
       .points = 1,
       .must_observe = {kOldArrived},
       .play = PlayOldSnapshot},
      {.lab = "raft",
       .part = "3D",
       .name = "MixedPieces",
       .story =
           "A leader dies in the middle of its snapshot, and the next one sends another; a piece "
           "comes too early, and one twice.",
       .points = 1,
       .must_observe = {kInstalled},
       .play = PlayMixedPieces},
      {.lab = "raft",
       .part = "3D",
       .name = "TailBehindSnapshot",
       .story =
           "A follower whose log goes on behind a snapshot is sent that snapshot. The log's rest "
           "is right, or another one.",
       .points = 1,
       .must_observe = {kInstalled},
       .play = PlayTailBehindSnapshot},
  };
}

}  // namespace quorum::grader::raft
