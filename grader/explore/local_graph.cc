#include "grader/explore/local_graph.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grader/sim/handler_ended.h"
#include "grader/sim/rng.h"

namespace quorum::explore {
namespace {

constexpr std::size_t kInstances = 4'000;  // kept alive, so that their histories can go on

std::uint64_t HashOf(std::string_view bytes) {
  std::uint64_t hash = bytes.size();
  for (const char byte : bytes) hash = sim::Combine(hash, static_cast<unsigned char>(byte));
  return hash;
}

/// Of all that a step lets others see.
std::uint64_t HashOf(const StepResult& result) {
  std::uint64_t hash = result.failure ? HashOf(result.failure->sentence) : 0;
  for (const Effect& effect : result.effects) {
    hash = sim::Combine(hash, static_cast<std::uint64_t>(effect.kind) << 32 | effect.message);
    hash = sim::Combine(hash, HashOf(effect.said));
    for (const WriteBatch::Change& change : effect.batch.changes()) {
      hash = sim::Combine(hash, HashOf(change.key));
      hash = sim::Combine(hash, change.value ? HashOf(*change.value) : 1);
    }
  }
  return sim::Combine(hash, result.has_timer);
}

sim::Failure NotRepeated(NodeId node) {
  return {.kind = sim::Failure::Kind::kInvariant,
          .name = "node.deterministic",
          .sentence = "What a node does follows from what has happened to it.",
          .source = "the contract of a node, common/env/env.h",
          .detail = "A second instance that went through the same history did something else.",
          .node = node};
}

}  // namespace

LocalGraph::LocalGraph(const WorldSpec& spec, const std::vector<NodeFactory>& factories)
    : spec_(spec), factories_(factories), messages_(spec.off) {
  sim::InstallFailureHandlers();
  views_.push_back(std::vector<std::uint32_t>(spec.rules.size(), 0));
  view_numbers_.emplace(views_[0], 0);
  std::uint32_t index = 0;
  for (const Operation& operation : spec.operations) {
    operations_.push_back(
        messages_.Number({.to = operation.node,
                          .method = messages_.MethodNumber(std::string_view(operation.path)),
                          .call = index++,
                          .timeout = std::chrono::hours(1),
                          .payload = operation.request}));
  }
  ExtendArrivals();
  for (std::size_t node = 0; node < nodes(); ++node) {
    auto instance = MakeInstance(node);
    Record(Local::kNone, Local::kNone, node, instance->Boot());
    KeepInstance(Root(node), std::move(instance));
  }
}

LocalGraph::~LocalGraph() = default;

std::uint32_t LocalGraph::EventNumber(const Event& event) {
  const std::uint64_t key = static_cast<std::uint64_t>(event.message) << 32 |
                            static_cast<std::uint64_t>(event.cut) << 16 |
                            static_cast<std::uint64_t>(event.kept) << 8 |
                            static_cast<std::uint64_t>(event.kind);
  const auto [at, is_new] =
      event_numbers_.try_emplace(key, static_cast<std::uint32_t>(events_.size()));
  if (is_new) events_.push_back(event);
  return at->second;
}

std::uint32_t LocalGraph::Compute(std::uint32_t local, std::uint32_t event) {
  if (probe_ != nullptr) {
    const std::uint64_t step = probe_->step + 1;
    probe_->step = step;
    if (step == probe_->stop_before) throw ProbeReached{local, event};
  }
  const std::size_t node = locals_[local].node;
  std::unique_ptr<Replica> instance = TakeInstance(local);
  std::uint32_t next;
  if (instance == nullptr) {
    StepResult result;
    result.failure = NotRepeated(spec_.nodes[node].id);
    next = Record(local, event, node, std::move(result));
  } else {
    ++events_run_;
    next = Record(local, event, node, instance->Run(events_[event]));
    if (!locals_[next].failed) KeepInstance(next, std::move(instance));
  }
  transitions_.Add(local, event, next);
  return next;
}

std::unique_ptr<Replica> LocalGraph::TakeInstance(std::uint32_t local) {
  if (const auto found = instances_.find(local); found != instances_.end()) {
    auto instance = std::move(found->second);
    instances_.erase(found);
    return instance;
  }
  auto instance = MakeInstance(locals_[local].node);
  std::vector<std::uint32_t> path;
  for (std::uint32_t at = local; at != Local::kNone; at = locals_[at].parent) path.push_back(at);
  if (HashOf(instance->Boot()) != effects_hashes_[path.back()]) return nullptr;
  for (std::size_t i = path.size() - 1; i-- > 0;) {
    ++events_run_;
    ++events_relived_;
    const StepResult again = instance->Run(events_[locals_[path[i]].event]);
    if (HashOf(again) != effects_hashes_[path[i]]) return nullptr;
  }
  return instance;
}

void LocalGraph::KeepInstance(std::uint32_t local, std::unique_ptr<Replica> instance) {
  instances_[local] = std::move(instance);
  instance_ages_.push_back(local);
  while (instance_ages_.size() > kInstances) {
    instances_.erase(instance_ages_.front());
    instance_ages_.pop_front();
  }
}

std::unique_ptr<Replica> LocalGraph::MakeInstance(std::size_t node) {
  return std::make_unique<Replica>(factories_[node], spec_.nodes[node].config, messages_);
}

std::uint32_t LocalGraph::Record(std::uint32_t parent, std::uint32_t event, std::size_t node,
                                 StepResult result) {
  const auto number = static_cast<std::uint32_t>(locals_.size());
  Local local{.parent = parent, .event = event, .node = static_cast<std::uint8_t>(node)};
  RecordSent(result, local);
  local.open_begin = static_cast<std::uint32_t>(open_.size());
  local.open_count = static_cast<std::uint16_t>(result.open_calls.size());
  open_.insert(open_.end(), result.open_calls.begin(), result.open_calls.end());
  local.cuts_begin = static_cast<std::uint32_t>(cuts_.size());
  local.cuts_count = static_cast<std::uint16_t>(result.unsynced.size());
  cuts_.insert(cuts_.end(), result.unsynced.begin(), result.unsynced.end());
  local.unsynced_left = result.unsynced_left;
  local.has_timer = result.has_timer;
  local.call_is_next = result.call_is_next;
  local.failed = result.failure.has_value();
  if (parent != Local::kNone) {
    const Local& before = locals_[parent];
    for (std::uint32_t i = 0; i < before.open_count; ++i) {
      local.closes =
          local.closes || !std::binary_search(result.open_calls.begin(), result.open_calls.end(),
                                              open_[before.open_begin + i]);
    }
  }
  const std::uint32_t view = parent == Local::kNone ? 0 : locals_[parent].view;
  local.view = ViewAfter(view, node, result);
  effects_hashes_.push_back(HashOf(result));
  if (result.failure) failures_.emplace(number, *std::move(result.failure));
  locals_.push_back(local);
  return number;
}

void LocalGraph::RecordSent(const StepResult& result, Local& local) {
  ExtendArrivals();
  local.sent_begin = static_cast<std::uint32_t>(sent_.size());
  for (const Effect& effect : result.effects) {
    if (effect.kind != Effect::Kind::kSent) continue;
    const Message& message = messages_[effect.message];
    if (messages_.IsOff(message.method) || IndexOf(message.to) == nodes()) continue;
    sent_.push_back(effect.message);
  }
  local.sent_count = static_cast<std::uint16_t>(sent_.size() - local.sent_begin);
}

std::uint32_t LocalGraph::ViewAfter(std::uint32_t view, std::size_t node,
                                    const StepResult& result) {
  std::vector<std::uint32_t> values = views_[view];
  for (const Effect& effect : result.effects) {
    Sight sight{.kind = Sight::Kind::kCrashed,
                .node = spec_.nodes[node].id,
                .at = Time(Duration(effect.at)),
                .arrived = Time(Duration(effect.arrived))};
    if (effect.kind == Effect::Kind::kDurable) {
      sight.kind = Sight::Kind::kDurable;
      sight.batch = &effect.batch;
    } else if (effect.kind == Effect::Kind::kSaid) {
      sight.kind = Sight::Kind::kSaid;
      sight.payload = effect.said;
    } else if (effect.kind == Effect::Kind::kSent) {
      const Message& message = messages_[effect.message];
      sight.kind = message.to == 0 ? Sight::Kind::kEnded : Sight::Kind::kSent;
      sight.to = message.to;
      sight.path = messages_.PathOf(message.method);
      sight.is_response = message.is_response;
      sight.code = message.status.code();
      sight.payload = message.payload;
      if (message.is_response) sight.request = messages_[message.request].payload;
    }
    for (std::size_t rule = 0; rule < values.size(); ++rule) {
      values[rule] = spec_.rules[rule]->See(values[rule], sight);
    }
  }
  const auto [at, is_new] =
      view_numbers_.try_emplace(values, static_cast<std::uint32_t>(views_.size()));
  if (is_new) views_.push_back(values);
  return at->second;
}

void LocalGraph::ExtendArrivals() {
  for (auto message = static_cast<std::uint32_t>(arrivals_.size()); message < messages_.size();
       ++message) {
    const Message& content = messages_[message];
    arrivals_.push_back({.event = EventNumber({.message = message}),
                         .call = content.call,
                         .node = static_cast<std::uint8_t>(IndexOf(content.to)),
                         .is_response = content.is_response});
  }
}

std::size_t LocalGraph::IndexOf(NodeId node) const {
  std::size_t index = 0;
  while (index < nodes() && spec_.nodes[index].id != node) ++index;
  return index;
}

std::vector<std::uint32_t> LocalGraph::HistoryOf(std::uint32_t local) const {
  std::vector<std::uint32_t> history;
  for (; locals_[local].parent != Local::kNone; local = locals_[local].parent) {
    history.push_back(locals_[local].event);
  }
  std::reverse(history.begin(), history.end());
  return history;
}

std::vector<StepResult> LocalGraph::Relive(std::uint32_t local) {
  const auto instance = MakeInstance(locals_[local].node);
  std::vector<StepResult> results;
  results.push_back(instance->Boot());
  for (const std::uint32_t event : HistoryOf(local)) {
    results.push_back(instance->Run(events_[event]));
  }
  return results;
}

}  // namespace quorum::explore
