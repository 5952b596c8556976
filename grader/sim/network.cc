#include "grader/sim/network.h"

#include <algorithm>

#include "grader/sim/rng.h"

namespace quorum::sim {
namespace {

constexpr SimTime kSecond = 1'000'000'000;
constexpr SimTime kLoopbackDelay = 1'000;

SimTime TimeOnWire(std::size_t bytes, SimTime bytes_per_second) {
  return static_cast<SimTime>(bytes) * kSecond / bytes_per_second;
}

}  // namespace

void Network::AddMessageFault(const faults::MessageFault& fault) {
  message_faults_[{fault.from(), fault.to(), fault.ordinal()}] = fault;
}

void Network::Heal() {
  faults::Network calm;
  calm.set_min_delay_ns(conditions_.min_delay_ns());
  calm.set_max_delay_ns(conditions_.max_delay_ns());
  conditions_ = calm;
  message_faults_.clear();
}

Network::LinkState& Network::Between(NodeId from, NodeId to) {
  const std::size_t needed = std::max(from, to) + 1;
  if (links_.size() < needed) {
    links_.resize(needed);
    for (std::vector<LinkState>& row : links_) row.resize(needed);
  }
  return links_[from][to];
}

bool Network::IsCut(NodeId from, NodeId to, SimTime now) {
  const LinkState& link = Between(from, to);
  const bool flapped = link.flap > 0 && (now - link.flap_since) / link.flap % 2 == 0;
  return link.cuts > 0 || flapped;
}

void Network::SetLink(NodeId from, NodeId to, const faults::Link& link) {
  LinkState& state = Between(from, to);
  state.extra_delay = link.extra_delay_ns();
  state.flap = link.flap_ns();
  state.bytes_per_second = link.bytes_per_second();
}

Network::Fate Network::DrawByRates(std::uint64_t hash) const {
  Rng random(hash);
  Fate fate;
  fate.delay = random.Between(conditions_.min_delay_ns(),
                              std::max(conditions_.min_delay_ns(), conditions_.max_delay_ns()));
  // Always the same number of draws, so that one rate does not disturb the outcome of another.
  const std::uint64_t chances = random.Next();
  const auto hits = [&](int part, std::uint32_t ppm) {
    return ppm > 0 && Rng(chances, static_cast<std::uint64_t>(part)).Chance(ppm);
  };
  fate.drop = hits(0, conditions_.drop_ppm());
  if (hits(1, conditions_.tail_ppm())) {
    fate.tail = Rng(chances, 4).Between(0, conditions_.tail_delay_ns());
    fate.delay += fate.tail;
  }
  if (hits(2, conditions_.duplicate_ppm())) {
    fate.duplicate = true;
    fate.duplicate_delay =
        fate.delay +
        Rng(chances, 3).Between(1, std::max<SimTime>(1, 4 * conditions_.max_delay_ns()));
  }
  return fate;
}

Network::Fate Network::Draw(NodeId from, NodeId to, SimTime now, std::size_t bytes) {
  if (from == to) return {.delay = kLoopbackDelay};
  LinkState& link = Between(from, to);
  const std::uint64_t ordinal = link.ordinal++;
  const std::uint64_t link_hash = Combine(seed_, (static_cast<std::uint64_t>(from) << 32) | to);
  Fate fate = DrawByRates(Combine(link_hash, ordinal));
  if (!message_faults_.empty()) {
    const auto found = message_faults_.find({from, to, ordinal});
    if (found != message_faults_.end()) {
      const faults::MessageFault& fault = found->second;
      fate.drop = fate.drop || fault.drop();
      fate.tail += fault.extra_delay_ns();
      fate.delay += fault.extra_delay_ns();
      fate.duplicate = fate.duplicate || fault.duplicate_after_ns() > 0;
      if (fault.duplicate_after_ns() > 0)
        fate.duplicate_delay = fate.delay + fault.duplicate_after_ns();
    }
  }
  if (recording_ && (fate.drop || fate.duplicate || fate.tail > 0)) {
    faults::MessageFault& drawn = drawn_.emplace_back();
    drawn.set_from(from);
    drawn.set_to(to);
    drawn.set_ordinal(ordinal);
    drawn.set_drop(fate.drop);
    drawn.set_extra_delay_ns(fate.tail);
    if (fate.duplicate) drawn.set_duplicate_after_ns(fate.duplicate_delay - fate.delay);
  }
  fate.drop = fate.drop || IsCut(from, to, now);
  fate.delay += link.extra_delay;
  fate.duplicate_delay += link.extra_delay;
  const SimTime bandwidth =
      link.bytes_per_second > 0 ? link.bytes_per_second : conditions_.bytes_per_second();
  if (bandwidth > 0) {
    link.free_at = std::max(link.free_at, now) + TimeOnWire(bytes, bandwidth);
    fate.delay += link.free_at - now;
    fate.duplicate_delay += link.free_at - now;
  }
  return fate;
}

}  // namespace quorum::sim
