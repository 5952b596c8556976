#include "grader/explore/trace_text.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grader/report/diagram/contents.h"

namespace quorum::explore {
namespace {

/// Tells one run.
class Teller {
 public:
  Teller(Space& space, const State& state) : space_(space), messages_(space.graph().messages()) {
    std::vector<std::string> paths;
    for (const Operation& operation : space.spec().operations) paths.push_back(operation.path);
    for (std::size_t node = 0; node < space.nodes(); ++node) {
      histories_.push_back(space.graph().HistoryOf(state.locals[node]));
      lives_.push_back(space.graph().Relive(state.locals[node]));
      for (const StepResult& step : lives_.back()) {
        for (const Effect& effect : step.effects) {
          if (effect.kind != Effect::Kind::kSent) continue;
          paths.push_back(messages_.PathOf(messages_[effect.message].method));
        }
      }
    }
    contents_ = std::make_unique<report::Contents>(paths);
    for (const std::uint32_t operation : space.graph().operations()) sent_.insert(operation);
  }

  /// Of one node alone.
  std::vector<std::string> TellHistory(std::size_t node) {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < histories_[node].size(); ++i) {
      const Event& event = space_.graph().EventAt(histories_[node][i]);
      lines.push_back(Describe(node, event, lives_[node][i + 1]));
    }
    return lines;
  }

  std::string Head(std::size_t node, const Event& event) {
    const std::string name = Name(space_.spec().nodes[node].id);
    switch (event.kind) {
      case Event::Kind::kAdvance:
        return absl::StrCat(name, ": a timer fires");
      case Event::Kind::kTimeout:
        return absl::StrCat(name, ": a call ends in DEADLINE_EXCEEDED");
      case Event::Kind::kCrash:
        return absl::StrCat(name, " dies, and boots again");
      case Event::Kind::kDeliver:
        break;
    }
    const Message& message = messages_[event.message];
    if (message.from == 0) return absl::StrCat("The client of ", name, " asks: ", Show(message));
    const bool again = !message.is_response && !delivered_.insert(event.message).second;
    return absl::StrCat(name, again ? " receives once more, from " : " receives from ",
                        Name(message.from), ": ", Show(message));
  }

  std::vector<std::string> Tell() {
    for (std::size_t node = 0; node < space_.nodes(); ++node) Happens(lives_[node][0]);
    std::vector<std::size_t> told(space_.nodes(), 0);
    std::vector<std::string> lines;
    // Stays with a node as long as it has something to do: fewer changes of place for the reader.
    for (std::size_t node = 0, idle = 0; idle < space_.nodes();) {
      if (told[node] < histories_[node].size() && IsPossible(histories_[node][told[node]])) {
        const Event& event = space_.graph().EventAt(histories_[node][told[node]]);
        const StepResult& step = lives_[node][++told[node]];
        lines.push_back(Describe(node, event, step));
        Happens(step);
        idle = 0;
      } else {
        node = (node + 1) % space_.nodes();
        ++idle;
      }
    }
    return lines;
  }

 private:
  bool IsPossible(std::uint32_t number) const {
    const Event& event = space_.graph().EventAt(number);
    return event.kind != Event::Kind::kDeliver || sent_.contains(event.message);
  }

  void Happens(const StepResult& step) {
    for (const Effect& effect : step.effects) {
      if (effect.kind == Effect::Kind::kSent) sent_.insert(effect.message);
    }
  }

  std::string Name(NodeId node) const { return node == 0 ? "the client" : absl::StrCat("n", node); }

  std::string Show(const Message& message) const {
    const std::string& path = messages_.PathOf(message.method);
    if (!message.status.ok()) {
      return absl::StrCat(report::ShortName(path),
                          " fails: ", absl::StatusCodeToString(message.status.code()));
    }
    return absl::StrCat(report::ShortName(path), message.is_response ? " answered (" : "(",
                        contents_->Message(path, message.is_response, message.payload), ")");
  }

  std::string Describe(std::size_t node, const Event& event, const StepResult& step) {
    std::string text = Head(node, event);
    if (event.cut != Event::kWhole) {
      absl::StrAppend(&text, ", and dies after ", event.cut, " of its sends and writes");
    }
    for (std::size_t i = 0; i < step.effects.size(); ++i) {
      const Effect& effect = step.effects[i];
      if (effect.kind == Effect::Kind::kDurable) {
        absl::StrAppend(&text, "\nits disk has ", contents_->Batch(effect.batch));
      } else if (effect.kind == Effect::Kind::kCrashed) {
        if (event.cut != Event::kWhole) text += "\nit dies, and boots again";
      } else if (effect.kind == Effect::Kind::kSaid) {
        const auto tell = space_.spec().tell_said;
        absl::StrAppend(&text, "\nit says: ", tell == nullptr ? effect.said : tell(effect.said));
      } else {
        AppendSent(step, i, text);
      }
    }
    if (step.failure) absl::StrAppend(&text, "\nits code fails: ", step.failure->sentence);
    return text;
  }

  /// Equal requests to several nodes are one line.
  void AppendSent(const StepResult& step, std::size_t index, std::string& text) const {
    const Message& message = messages_[step.effects[index].message];
    const std::string shown = Show(message);
    const auto same = [&](std::size_t other) {
      return step.effects[other].kind == Effect::Kind::kSent && !message.is_response &&
             !messages_[step.effects[other].message].is_response &&
             Show(messages_[step.effects[other].message]) == shown;
    };
    if (index > 0 && same(index - 1)) return;
    std::string to = Name(message.to);
    for (std::size_t i = index + 1; i < step.effects.size() && same(i); ++i) {
      absl::StrAppend(&to, ", ", Name(messages_[step.effects[i].message].to));
    }
    absl::StrAppend(&text, "\nit sends to ", to, ": ", shown);
  }

  Space& space_;
  const MessageTable& messages_;
  std::vector<std::vector<std::uint32_t>> histories_;
  std::vector<std::vector<StepResult>> lives_;
  std::unique_ptr<report::Contents> contents_;
  std::set<std::uint32_t> sent_;
  std::set<std::uint32_t> delivered_;
};

}  // namespace

std::vector<std::string> TraceTo(Space& space, const State& state) {
  return Teller(space, state).Tell();
}

std::vector<std::string> HistoryBefore(Space& space, std::uint32_t local, std::uint32_t event) {
  State state = space.Start();
  const std::size_t node = space.graph()[local].node;
  state.locals[node] = local;
  Teller teller(space, state);
  std::vector<std::string> lines = teller.TellHistory(node);
  lines.push_back(teller.Head(node, space.graph().EventAt(event)));
  return lines;
}

std::size_t EventsTo(Space& space, const State& state) {
  std::size_t events = 0;
  for (std::size_t node = 0; node < space.nodes(); ++node) {
    events += space.graph().HistoryOf(state.locals[node]).size();
  }
  return events;
}

}  // namespace quorum::explore
