// Part 2E: what it was for.

#include <fmt/format.h>

#include "grader/scenarios/hash_ring/two_administrators.h"
#include "grader/scenarios/paxos/authority_room.h"

namespace quorum::grader::paxos {
namespace {

constexpr Statement kResolved = {
    "paxos.two-administrators",
    "When the network falls into two and each side asks for a ring of the same epoch, both "
    "administrators get an answer once it is whole again, and no acknowledged write is gone.",
    "handout 1F, and 2E, step 1"};
constexpr Statement kDecidedIsInstalled = {
    "paxos.decided-is-installed",
    "A ring that the log has decided is installed, also when the administrator that had it decided "
    "is dead.",
    "handout 2E, step 3"};

constexpr char kWestDecided[] = "the ring of the west was installed, and that of the east refused";
constexpr char kEastDecided[] = "the ring of the east was installed, and that of the west refused";
constexpr char kAcknowledged[] = "the write of the west was acknowledged";
constexpr char kDiedInBetween[] =
    "an administrator died when its ring was decided, and no node had entered it";
constexpr char kDiedLater[] = "the others knew already that it was decided";
constexpr char kRefused[] = "an operator was refused, and asked for another ring";
constexpr char kSeveralRings[] = "three rings were installed";

/// The story at the end of lab 1, and how it has to end.
void PlayTwoAdministratorsAgree(Stage& stage) {
  AuthorityRoom room(stage, {.administrators = 3,
                             .cache = {.nodes = 5, .clients = 3, .replicas = 2, .watched = false}});
  const std::vector<NodeId> all = room.administrators();
  const auto split = static_cast<std::ptrdiff_t>(stage.random().Between(1, 2));
  const std::vector<NodeId> west(all.begin(), all.begin() + split);
  const std::vector<NodeId> east(all.begin() + split, all.end());
  stage.Step(fmt::format("{} of the three will be in the west.", split));
  // Perhaps somebody leads already when the network falls apart.
  room.world().RunFor(stage.random().Between(0, 2'000) * kMillisecond);

  std::shared_ptr<const AuthorityRoom::Answer> west_answer;
  std::shared_ptr<const AuthorityRoom::Answer> east_answer;
  const cache::TwoRings outcome = cache::PlayTwoSides(
      room.cache(), {.west = west,
                     .ask =
                         [&](bool from_west, const Ring& ring) {
                           auto& answer = from_west ? west_answer : east_answer;
                           answer = room.Ask(from_west ? west : east, ring);
                           return std::shared_ptr<const bool>(answer, &answer->given);
                         },
                     .whole_again = [&] { room.LetAskEveryone(); }});
  if (west_answer->installed && !east_answer->installed) stage.Observe(kWestDecided);
  if (east_answer->installed && !west_answer->installed) stage.Observe(kEastDecided);
  if (outcome.write_acknowledged) stage.Observe(kAcknowledged);
  stage.Require(kResolved, cache::IsResolved(outcome),
                !outcome.gone.empty()
                    ? outcome.gone
                    : fmt::format("20 simulated seconds later the administrator of the {} is still "
                                  "without an answer.",
                                  outcome.first_answered ? "east" : "west"));
}

/// Whether the log has decided a command, and not only what a leader needs for itself.
bool HasDecided(AuthorityRoom& room) {
  for (Slot slot = 1; slot <= room.ledger().highest_chosen(); ++slot) {
    const Accepted* chosen = room.ledger().Chosen(slot);
    if (chosen != nullptr && chosen->value != kNoOp) return true;
  }
  return false;
}

/// A decision outlives whoever brought it about.
void PlayAdministratorDies(Stage& stage) {
  AuthorityRoom room(
      stage, {.administrators = static_cast<int>(stage.random().Between(3, 5)),
              .cache = {.nodes = 3, .spares = 1, .clients = 1, .replicas = 2, .watched = false}});
  room.world().RunUntil([&] { return room.leader() != 0; }, 20 * kSecond);
  const NodeId leader = room.leader();
  const bool cut_off = stage.random().Below(2) == 0;
  if (cut_off) room.cache().Cut({leader}, room.cache().servers());
  const Ring ring = AuthorityRoom::After(room.cache().ring(), {1, 2, 4});
  const auto answer = room.Ask({leader}, ring);
  const bool decided = room.world().RunUntil([&] { return HasDecided(room); }, 5 * kSecond);
  if (cut_off) room.world().RunFor(500 * kMillisecond);
  room.world().Crash(leader, true);
  stage.Step(
      fmt::format("Administrator {} leads; it is asked for a ring of epoch 2, {}and loses "
                  "power{}.",
                  leader, cut_off ? "cannot reach the cache, " : "",
                  cut_off ? " half a second later" : " when that is decided"));
  if (decided && room.Entered(2) == 0) stage.Observe(cut_off ? kDiedLater : kDiedInBetween);
  room.world().RunUntil([&] { return room.Entered(2) >= 2; }, 20 * kSecond);
  stage.Require(kDecidedIsInstalled, !decided || room.Entered(2) >= 2,
                fmt::format("20 simulated seconds later {} nodes of the cache have entered epoch "
                            "2.",
                            room.Entered(2)));
  room.cache().Mend({leader}, room.cache().servers());
  room.world().Boot(leader);
  room.LetAskEveryone();
  stage.Step("It is back. The operator, who was not answered, asks for the same ring again.");
  room.HealAndDemandProgress();
  stage.Require(kResolved, !decided || answer->installed || answer->last.epoch() > 2,
                "The operator is told that its own ring is another one.");
}

/// Operators who know nothing of each other, until each has seen `rings` of its own installed.
void KeepAsking(AuthorityRoom& room, const Ring& last, int rings) {
  if (rings == 0) return;
  std::vector<NodeId> members = room.cache().servers();
  // Three members are left: as many as hold each key.
  while (members.size() > 3 && room.stage().random().Below(2) == 0) {
    members.erase(members.begin() +
                  static_cast<std::ptrdiff_t>(room.stage().random().Below(members.size())));
  }
  const Ring ring = AuthorityRoom::After(last, members);
  auto answer = std::make_shared<std::shared_ptr<const AuthorityRoom::Answer>>();
  *answer = room.Ask(room.administrators(), ring, [&room, answer, ring, rings] {
    room.world().At(room.world().now() + 100 * kMillisecond, [&room, answer, ring, rings] {
      const bool installed = (*answer)->installed;
      if (!installed) room.stage().Observe(kRefused);
      KeepAsking(room, installed ? ring : (*answer)->last, rings - (installed ? 1 : 0));
    });
  });
}

void PlayRingsWhateverHappens(Stage& stage) {
  AuthorityRoom room(stage, {.administrators = static_cast<int>(stage.random().Between(3, 5)),
                             .cache = {.nodes = 4, .spares = 1, .clients = 1, .watched = false}});
  KeepAsking(room, room.cache().ring(), 2);
  KeepAsking(room, room.cache().ring(), 2);
  stage.Step("Two operators who know nothing of each other ask for ring after ring.");
  faults::Scope scope;
  scope.nodes = room.cache().servers();
  for (const NodeId node : room.administrators()) scope.nodes.push_back(node);
  scope.duration = 2 * kSecond;
  stage.StartFaults(scope);
  stage.Step(fmt::format("Faults begin, of the profile \"{}\".", stage.plan().profile()));
  room.world().RunFor(scope.duration);
  room.HealAndDemandProgress();
  if (room.Entered(4) >= 3) stage.Observe(kSeveralRings);
}

}  // namespace

std::vector<Scenario> AuthorityScenarios() {
  return {
      {.lab = "paxos",
       .part = "2E",
       .name = "TwoAdministratorsAgree",
       .story =
           "The story at the end of lab 1: the network falls into two, and on each side somebody "
           "asks for a ring of epoch 2 with the nodes that it can see. Now three administrators "
           "keep a log, two of them on one side, and the log says what epoch 2 is.",
       .points = 3,
       .seeds = 40,
       .must_observe = {kWestDecided, kEastDecided, kAcknowledged},
       .play = PlayTwoAdministratorsAgree},
      {.lab = "paxos",
       .part = "2E",
       .name = "AdministratorDies",
       .story = "An administrator has a ring decided and dies before any node of the cache has "
                "entered it. The others have to; and who asks for the same ring once more is not "
                "told that it is another one.",
       .points = 2,
       .must_observe = {kDiedInBetween, kDiedLater},
       .play = PlayAdministratorDies},
      LateAdministrator(),
      {.lab = "paxos",
       .part = "2E",
       .name = "RingsWhateverHappens",
       .story =
           "Two operators who know nothing of each other ask for ring after ring, while all faults "
           "of the machine room come at once. Each epoch is one ring, and who was told what became "
           "of its ring was told the truth.",
       .points = 3,
       .seeds = 50,
       .profile = faults::Profile::kEverything,
       .must_observe = {kRefused, kSeveralRings},
       .play = PlayRingsWhateverHappens},
  };
}

}  // namespace quorum::grader::paxos
