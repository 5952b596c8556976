#include "grader/explore/testing/naive_explorer.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grader/explore/replica.h"

namespace quorum::explore {
namespace {

struct Path {
  std::vector<std::vector<Event>> histories;
  std::multiset<std::uint32_t> flight;
  std::multiset<std::uint32_t> delivered;  // requests, once for each time
  Budgets left;
  std::uint32_t events = 0;
};

class Naive {
 public:
  Naive(const WorldSpec& spec, const std::vector<NodeFactory>& factories)
      : spec_(spec), factories_(factories), messages_(spec.off) {}

  NaiveResult Run() {
    Path start;
    start.histories.resize(spec_.nodes.size());
    start.left = spec_.budgets;
    for (std::size_t node = 0; node < spec_.nodes.size(); ++node) Send(Last(start, node), start);
    std::uint32_t call = 0;
    for (const Operation& operation : spec_.operations) {
      start.flight.insert(messages_.Number({.to = operation.node,
                                            .method = messages_.MethodNumber(operation.path),
                                            .call = call++,
                                            .timeout = std::chrono::hours(1),
                                            .payload = operation.request}));
    }
    Meet(start);
    while (!todo_.empty()) {
      const Path path = std::move(todo_.front());
      todo_.pop_front();
      Expand(path);
    }
    result_.states = seen_.size();
    return result_;
  }

 private:
  StepResult Last(const Path& path, std::size_t node) {
    Replica replica(factories_[node], spec_.nodes[node].config, messages_);
    StepResult last = replica.Boot();
    for (const Event& event : path.histories[node]) last = replica.Run(event);
    return last;
  }

  std::size_t IndexOf(NodeId id) const {
    std::size_t index = 0;
    while (index < spec_.nodes.size() && spec_.nodes[index].id != id) ++index;
    return index;
  }

  bool IsGiven(std::size_t node) const { return spec_.nodes[node].given != nullptr; }

  void Send(const StepResult& step, Path& path) {
    for (const Effect& effect : step.effects) {
      if (effect.kind != Effect::Kind::kSent) continue;
      const Message& message = messages_[effect.message];
      const bool off =
          std::count(spec_.off.begin(), spec_.off.end(), messages_.PathOf(message.method)) > 0;
      if (!off && IndexOf(message.to) < spec_.nodes.size()) path.flight.insert(effect.message);
    }
  }

  /// What is wrong at the end of `path`; empty: nothing.
  std::string Wrong(const Path& path) {
    std::vector<std::vector<std::uint32_t>> values(
        spec_.rules.size(), std::vector<std::uint32_t>(spec_.nodes.size(), 0));
    for (std::size_t node = 0; node < spec_.nodes.size(); ++node) {
      Replica replica(factories_[node], spec_.nodes[node].config, messages_);
      std::vector<StepResult> steps;
      steps.push_back(replica.Boot());
      for (const Event& event : path.histories[node]) steps.push_back(replica.Run(event));
      for (const StepResult& step : steps) {
        if (step.failure) return step.failure->sentence;
        for (const Effect& effect : step.effects) {
          for (std::size_t rule = 0; rule < values.size(); ++rule) {
            values[rule][node] = spec_.rules[rule]->See(values[rule][node], SightOf(effect));
          }
        }
      }
    }
    for (std::size_t rule = 0; rule < values.size(); ++rule) {
      if (const auto found = spec_.rules[rule]->Judge(values[rule])) return found->detail;
    }
    return "";
  }

  Sight SightOf(const Effect& effect) {
    if (effect.kind == Effect::Kind::kCrashed) return {.kind = Sight::Kind::kCrashed};
    if (effect.kind == Effect::Kind::kSaid) {
      return {.kind = Sight::Kind::kSaid, .payload = effect.said};
    }
    if (effect.kind == Effect::Kind::kDurable) {
      return {.kind = Sight::Kind::kDurable, .batch = &effect.batch};
    }
    const Message& message = messages_[effect.message];
    return {.kind = message.to == 0 ? Sight::Kind::kEnded : Sight::Kind::kSent,
            .is_response = message.is_response,
            .code = message.status.code(),
            .payload = message.payload};
  }

  /// Responses whose call has ended do nothing: they are as good as gone.
  void Forget(Path& path) {
    std::map<std::size_t, StepResult> last;
    std::erase_if(path.flight, [&](std::uint32_t number) {
      const Message& message = messages_[number];
      if (!message.is_response) return false;
      const std::size_t node = IndexOf(message.to);
      if (!last.contains(node)) last[node] = Last(path, node);
      const auto& open = last[node].open_calls;
      return std::count(open.begin(), open.end(), message.call) == 0;
    });
  }

  std::string NameOf(const Path& path) const {
    std::string name;
    for (const auto& history : path.histories) {
      for (const Event& event : history) {
        absl::StrAppend(&name, static_cast<int>(event.kind), ":", event.message, ":", event.cut,
                        ":", event.kept, " ");
      }
      name += "|";
    }
    for (const std::uint32_t message : path.flight) absl::StrAppend(&name, message, " ");
    absl::StrAppend(&name, "|", path.left.duplicates, " ", path.left.lost_calls, " ",
                    path.left.timers, " ", path.left.crashes);
    return name;
  }

  void Meet(Path path) {
    Forget(path);
    if (!seen_.insert(NameOf(path)).second) return;
    result_.depth = std::max(result_.depth, path.events);
    if (const std::string wrong = Wrong(path); !wrong.empty()) {
      result_.details.insert(wrong);
      if (result_.nearest_breach == 0) result_.nearest_breach = path.events;
      return;
    }
    todo_.push_back(std::move(path));
  }

  /// `event` happens at `node`, and, as long as there are crashes left, is also cut everywhere.
  void Happen(const Path& before, std::size_t node, const Event& event) {
    Path path = before;
    ++path.events;
    path.histories[node].push_back(event);
    const StepResult step = Last(path, node);
    Send(step, path);
    Meet(path);
    if (event.crashes() || before.left.crashes == 0 || step.failure || IsGiven(node)) return;
    for (std::size_t cut = 1; cut + 1 < step.unsynced.size(); ++cut) {
      for (int kept = 0; kept <= step.unsynced[cut]; ++kept) {
        Path crashed = before;
        --crashed.left.crashes;
        Event part = event;
        part.cut = static_cast<std::uint16_t>(cut);
        part.kept = static_cast<std::uint8_t>(kept);
        Happen(crashed, node, part);
      }
    }
  }

  void Expand(const Path& path) {
    std::set<std::uint32_t> distinct(path.flight.begin(), path.flight.end());
    for (const std::uint32_t message : distinct) {
      Path after = path;
      after.flight.erase(after.flight.find(message));
      if (messages_[message].from != 0 && !messages_[message].is_response) {
        after.delivered.insert(message);
      }
      Happen(after, IndexOf(messages_[message].to), {.message = message});
    }
    const std::set<std::uint32_t> again(path.delivered.begin(), path.delivered.end());
    for (const std::uint32_t message : again) {
      if (path.left.duplicates == 0) break;
      if (IsGiven(IndexOf(messages_[message].to))) continue;
      Path after = path;
      --after.left.duplicates;
      after.delivered.insert(message);
      Happen(after, IndexOf(messages_[message].to), {.message = message});
    }
    for (std::size_t node = 0; node < spec_.nodes.size(); ++node) ExpandNode(path, node);
  }

  void ExpandNode(const Path& path, std::size_t node) {
    if (IsGiven(node)) return;
    const StepResult last = Last(path, node);
    if (path.left.timers > 0 && last.has_timer) {
      Path after = path;
      --after.left.timers;
      Happen(after, node, {.kind = Event::Kind::kAdvance});
    }
    const bool due = spec_.budgets.timers == 0 || last.call_is_next;
    if (path.left.lost_calls > 0 && !last.open_calls.empty() && due) {
      Path after = path;
      --after.left.lost_calls;
      Happen(after, node, {.kind = Event::Kind::kTimeout});
    }
    for (int kept = 0; path.left.crashes > 0 && kept <= last.unsynced_left; ++kept) {
      Path after = path;
      --after.left.crashes;
      Happen(after, node, {.kind = Event::Kind::kCrash, .kept = static_cast<std::uint8_t>(kept)});
    }
  }

  const WorldSpec& spec_;
  std::vector<NodeFactory> factories_;
  MessageTable messages_;
  std::set<std::string> seen_;
  std::deque<Path> todo_;
  NaiveResult result_;
};

}  // namespace

NaiveResult NaiveExplore(const WorldSpec& spec, const std::vector<NodeFactory>& factories) {
  return Naive(spec, factories).Run();
}

}  // namespace quorum::explore
