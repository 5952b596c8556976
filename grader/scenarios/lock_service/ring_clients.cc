// Part 4E: who uses the cache of lab 1 goes by the published ring.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "grader/scenarios/lock_service/administration.h"
#include "grader/scenarios/lock_service/stories.h"
#include "labs/lab1_hash_ring/cache.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;
using hash_ring::GetRequest;
using hash_ring::GetResponse;
using hash_ring::Ring;

constexpr Statement kPublished = {
    "lock.ring-is-published",
    "The ring that is published was decided, its epoch never falls, and it becomes the last one "
    "that was decided.",
    "Chubby, section 4.3; lab 4, part 4E"};
constexpr Statement kReRoutes = {
    "lock.clients-re-route",
    "Whoever uses the cache is told of another ring, and then asks all of its members and nobody "
    "else; as long as some member runs a get is answered.",
    "lab 4, part 4E"};

constexpr NodeId kFront = 304;

/// What is in the file of the ring: judged at each change.
class RingIsPublished final : public Invariant, public CellListener {
 public:
  explicit RingIsPublished(sim::World& world) : Invariant(world, kPublished) {}
  void Believe(const Administration& administration) { administration_ = &administration; }

  void Changed(const State&, const State& after) override {
    const NodeRecord* file = FindNode(after, PublishedPath());
    if (file == nullptr || file->contents() == contents_ || administration_ == nullptr) return;
    contents_ = file->contents();
    lock::PublishedRing published;
    const bool sound = published.ParseFromString(contents_);
    const std::uint64_t epoch = published.ring().epoch();
    if (!sound || epoch < epoch_) {
      return Violated(fmt::format("The file of the ring, whose epoch was {}, says {} now.", epoch_,
                                  sound ? fmt::to_string(epoch) : "nothing sensible"),
                      0);
    }
    const Ring* decided = administration_->Decided(epoch);
    if (decided == nullptr || MembersOf(*decided) != MembersOf(published.ring())) {
      return Violated(fmt::format("The published ring of epoch {} has the members {}, and {}.",
                                  epoch, fmt::join(MembersOf(published.ring()), ", "),
                                  decided == nullptr ? "no ring of that epoch was decided"
                                                     : "another one was decided"),
                      0);
    }
    epoch_ = epoch;
  }

  std::uint64_t epoch() const { return epoch_; }

 private:
  const Administration* administration_ = nullptr;
  std::string contents_;
  std::uint64_t epoch_ = 0;
};

/// The cache, as the scenario plays it: it notes who is asked.
class PlayedCache {
 public:
  explicit PlayedCache(Stage& stage) {
    for (const NodeId number : {1, 2, 3, 4}) {
      NodeConfig config;
      config.set_self(kCacheNodes + number);
      nodes_.push_back(std::make_unique<PuppetOf<Method<GetRequest, GetResponse>>>(
          stage, config, hash_ring::kGet));
      nodes_.back()->Always(hash_ring::kGet, std::function([this, number](const GetRequest&) {
                              asked_.insert(kCacheNodes + number);
                              return std::optional(GetResponse());
                            }));
    }
  }

  /// Who was asked since the last time.
  std::set<NodeId> TakeAsked() { return std::exchange(asked_, {}); }

 private:
  std::vector<std::unique_ptr<PuppetOf<Method<GetRequest, GetResponse>>>> nodes_;
  std::set<NodeId> asked_;
};

bool Get(LockRoom& room) {
  GetRequest request;
  request.set_key(fmt::format("key-{}", room.stage().random().Below(1'000'000)));
  return room.Do(kFront, hash_ring::kGet, request).ok();
}

void DemandGets(LockRoom& room, int gets) {
  for (int get = 0; get < gets; ++get) {
    room.stage().Require(kReRoutes, Get(room),
                         "Members of the ring run and can be reached, and a get fails.");
  }
}

/// Waits until forty gets in a row have been asked of all members, and of nobody else.
void AwaitNewRoutes(LockRoom& room, PlayedCache& cache, const std::set<NodeId>& members) {
  const sim::SimTime until = room.world().now() + kRingPatience;
  std::set<NodeId> asked;
  while (asked != members && room.world().now() < until) {
    room.world().RunFor(100 * kMillisecond);
    cache.TakeAsked();
    for (int get = 0; get < 40; ++get) Get(room);
    asked = cache.TakeAsked();
  }
  room.stage().Require(kReRoutes, asked == members,
                       fmt::format("90 simulated seconds after the members of the ring became {}, "
                                   "[{}] are asked.",
                                   fmt::join(members, ", "), fmt::join(asked, ", ")));
}

void PlayRingClients(Stage& stage) {
  LockRoom room(stage, {});
  auto& published = stage.Watch<RingIsPublished>();
  room.Tell(published);
  Administration administration(room);
  published.Believe(administration);
  PlayedCache cache(stage);
  AddRingNodes(room, {kKeeper, kSecondKeeper});
  lock::CacheFrontConfig front;
  front.set_published(PublishedPath());
  front.set_grace_ns(room.options().grace);
  for (const NodeId server : room.servers()) front.add_servers(server);
  NodeConfig config;
  config.set_self(kFront);
  config.set_clock_rate_bound_ppm(room.options().clock_rate_bound_ppm);
  config.mutable_lab()->PackFrom(front);
  stage.AddNode(lock::kCacheFrontRole, config);
  const auto settle = [&](const std::set<NodeId>& numbers) {
    administration.Await(numbers);
    AwaitNewRoutes(room, cache, administration.members());
    const sim::SimTime until = room.world().now() + kRingPatience;
    const auto is_published = [&] {
      const Ring* ring = administration.Decided(published.epoch());
      return ring != nullptr && MembersOf(*ring) == administration.members();
    };
    while (room.world().now() < until && !is_published()) room.world().RunFor(100 * kMillisecond);
    stage.Require(
        kPublished, is_published(),
        fmt::format("90 simulated seconds after another ring was decided that of epoch {} "
                    "is published.",
                    published.epoch()));
  };

  for (const NodeId number : {1, 2, 3, 4}) Announce(room, number);
  stage.Step("Four nodes of a cache announce themselves; two keepers keep its ring.");
  settle({1, 2, 3, 4});
  room.world().Crash(kAnnouncers + 2, false);
  room.world().Crash(kCacheNodes + 2, false);
  stage.Step("Node 402 dies.");
  DemandGets(room, 8);
  settle({1, 3, 4});
  room.world().Boot(kCacheNodes + 2);
  stage.Step("Node 402 is back, but announces nothing.");
  AwaitNewRoutes(room, cache, administration.members());
  room.world().Crash(kKeeper, false);
  room.world().Crash(kSecondKeeper, false);
  room.world().Crash(kAnnouncers + 4, false);
  room.world().Crash(kCacheNodes + 4, false);
  stage.Step("Both keepers die, and so does node 404. A minute later a keeper is back.");
  room.world().RunFor(60 * kSecond);
  room.world().Boot(kSecondKeeper);
  settle({1, 3});
  room.CutWay({kFront}, room.servers(), true);
  room.CutWay(room.servers(), {kFront}, true);
  stage.Step("Whoever uses the cache is cut off from the cell; meanwhile node 404 comes back.");
  room.world().Boot(kCacheNodes + 4);
  room.world().Boot(kAnnouncers + 4);
  Announce(room, 4);
  administration.Await({1, 3, 4});
  room.world().RunFor(room.options().grace * 2);
  DemandGets(room, 8);
  room.CutWay({kFront}, room.servers(), false);
  room.CutWay(room.servers(), {kFront}, false);
  stage.Step("It can reach the cell again.");
  settle({1, 3, 4});
}

}  // namespace

Scenario ClientsFollowTheRing() {
  return {.lab = "lock_service",
          .part = "4E",
          .name = "ClientsFollowTheRing",
          .story =
              "Two keepers publish the ring of a cache, and somebody uses it. Nodes of the "
              "cache die and come back, both keepers die, and whoever uses the cache is cut "
              "off from the cell: it asks the members of the ring that it was told of last.",
          .points = 3,
          .seeds = 20,
          .bonus = true,
          .play = PlayRingClients};
}

}  // namespace quorum::grader::locks
