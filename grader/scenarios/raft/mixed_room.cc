#include "grader/scenarios/raft/mixed_room.h"

#include <algorithm>
#include <iterator>

namespace quorum::grader::raft {
namespace {

std::set<NodeId> DrawSome(Stage& stage, int of, std::size_t count) {
  std::set<NodeId> drawn;
  while (drawn.size() < count) drawn.insert(static_cast<NodeId>(stage.random().Between(1, of)));
  return drawn;
}

std::set<NodeId> Others(int of, const std::set<NodeId>& than) {
  std::set<NodeId> others;
  for (NodeId node = 1; node <= static_cast<NodeId>(of); ++node) {
    if (!than.contains(node)) others.insert(node);
  }
  return others;
}

bool Intersect(const std::set<NodeId>& some, const std::set<NodeId>& others) {
  return std::any_of(some.begin(), some.end(), [&](NodeId node) { return others.contains(node); });
}

}  // namespace

/// Who stands, and who leads, as their messages say.
class MixedRoom::Roles final : public sim::Monitor {
 public:
  void OnSend(const sim::Message& message, std::string_view path) override {
    if (message.is_response) return;
    if (path == quorum::raft::kRequestVote.path) stood.insert(message.from);
    if (path == quorum::raft::kAppendEntries.path) led.insert(message.from);
  }
  std::set<NodeId> stood;
  std::set<NodeId> led;
};

MixedRoom::MixedRoom(Stage& stage, const RegisterRoom::Options& options)
    : stage_(stage), follow_(options.slow), roles_(std::make_unique<Roles>()) {
  stage.world().Watch(*roles_);
  room_ = std::make_unique<RaftRoom>(stage, options);
}
MixedRoom::MixedRoom(MixedRoom&&) noexcept = default;
MixedRoom::~MixedRoom() = default;

MixedRoom MixedRoom::OfFollowers(Stage& stage, std::uint32_t snapshot_every) {
  RegisterRoom::Options options = {.nodes = DrawServers(stage), .snapshot_every = snapshot_every};
  options.reference = DrawSome(stage, options.nodes, 2);
  options.slow = Others(options.nodes, options.reference);
  return {stage, options};
}

MixedRoom MixedRoom::OfLeader(Stage& stage, std::uint32_t snapshot_every) {
  RegisterRoom::Options options = {.nodes = DrawServers(stage), .snapshot_every = snapshot_every};
  options.reference = Others(options.nodes, DrawSome(stage, options.nodes, 1));
  options.slow = options.reference;
  return {stage, options};
}

NodeId MixedRoom::Draw(const std::set<NodeId>& from) {
  return *std::next(from.begin(), static_cast<std::ptrdiff_t>(stage_.random().Below(from.size())));
}

std::set<NodeId> MixedRoom::DrawSide(bool leaders) {
  const auto minority = static_cast<std::size_t>(room_->nodes() - 1) / 2;
  std::set<NodeId> side;
  if (leaders && room_->elected() != 0) side.insert(room_->elected());
  // At least one of the reference stays, where it leads.
  const std::size_t size = std::max<std::size_t>(side.size(), 1 + stage_.random().Below(minority));
  while (side.size() < size) side.insert(Draw(follow_));
  return side;
}

void MixedRoom::CutSomeOff(sim::SimTime duration, bool leaders) {
  for (sim::SimTime at = 100 * kMillisecond; at < duration; at += 600 * kMillisecond) {
    world().At(world().now() + at, [this, leaders] {
      const std::set<NodeId> side = DrawSide(leaders);
      room_->Split(side, true);
      world().At(world().now() + 400 * kMillisecond, [this, side] { room_->Split(side, false); });
    });
  }
  stage_.Step(leaders ? "Now and then whoever leads is cut off, alone or with a few."
                      : "Now and then some of the others are cut off.");
}

void MixedRoom::ObserveRoles() {
  if (roles_->led.empty() || Intersect(roles_->stood, follow_)) return;
  stage_.Observe(Intersect(roles_->led, tested()) ? kTestedLed : kReferenceLed);
}

}  // namespace quorum::grader::raft
