#include "grader/check/linearizability/linearizability.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "grader/check/linearizability/key_history.h"
#include "grader/check/linearizability/search.h"

namespace quorum::check {
namespace {

constexpr std::size_t kTail = 12;          // Operations that an explanation shows.
constexpr std::uint64_t kFirstSteps = 64;  // Per operation: enough for most histories.
constexpr std::size_t kFirstBytes = std::size_t{8} << 20;
constexpr std::uint64_t kGrowth = 8;

struct Key {
  std::string_view name;
  std::vector<std::uint32_t> operations;
};

std::vector<Key> SplitByKey(const History& history) {
  std::vector<Key> keys;
  absl::flat_hash_map<std::string_view, std::size_t> places;
  for (std::uint32_t i = 0; i < history.size(); ++i) {
    const auto [place, fresh] = places.try_emplace(history[i].key, keys.size());
    if (fresh) {
      keys.push_back({history[i].key, {}});
    }
    keys[place->second].operations.push_back(i);
  }
  return keys;
}

void Apply(const Operation& op, std::optional<std::string>& value) {
  switch (op.op) {
    case OpKind::kGet:
      break;
    case OpKind::kPut:
      value = op.value;
      break;
    case OpKind::kAppend:
      if (!value.has_value()) {
        value.emplace();
      }
      value->append(op.value);
      break;
    case OpKind::kCas:
      if (op.swapped || !op.ret.has_value()) {  // Only those with an effect are placed.
        value = op.value;
      }
      break;
  }
}

std::uint64_t Times(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<std::uint64_t>::max()
                                                : product;
}

/// Checks the keys of one history.
class Checker {
 public:
  Checker(const History& history, Model model, const Budget& budget)
      : history_(history), model_(model), budget_(budget), keys_(SplitByKey(history)) {
    result_.model = model;
    result_.operations = history.size();
    result_.keys = keys_.size();
  }

  CheckResult Run() {
    std::vector<const Key*> open;
    for (const Key& key : keys_) {
      open.push_back(&key);
    }
    std::vector<const Key*> hopeless;
    for (std::uint64_t growth = 1; !open.empty() && result_.spent.steps < budget_.steps;
         growth = Times(growth, kGrowth)) {
      std::vector<const Key*> left;
      for (const Key* key : open) {
        const Search::Outcome outcome = CheckKey(*key, growth);
        if (outcome == Search::Outcome::kIllegal) {
          return std::move(result_);
        }
        if (outcome == Search::Outcome::kOutOfBytes && BytesOf(growth) == budget_.bytes) {
          hopeless.push_back(key);
        } else if (outcome != Search::Outcome::kLegal) {
          left.push_back(key);
        }
      }
      open = std::move(left);
    }
    open.insert(open.end(), hopeless.begin(), hopeless.end());
    std::sort(open.begin(), open.end());  // They point into one vector.
    for (const Key* key : open) {
      result_.verdict = Verdict::kUnknown;
      result_.undecided.emplace_back(key->name);
    }
    return std::move(result_);
  }

 private:
  std::size_t BytesOf(std::uint64_t growth) const {
    return std::min(budget_.bytes, Times(kFirstBytes, growth));
  }

  Search::Outcome CheckKey(const Key& key, std::uint64_t growth) {
    const std::uint64_t steps = Times(growth, kFirstSteps * (key.operations.size() + 1024));
    const std::uint64_t left = budget_.steps - std::min(budget_.steps, result_.spent.steps);
    const KeyHistory prepared(history_, key.operations, model_);
    Search search(prepared,
                  {.steps = result_.spent.steps + std::min(steps, left), .bytes = BytesOf(growth)},
                  result_.spent);
    const Search::Outcome outcome = search.Run();
    if (outcome == Search::Outcome::kIllegal) {
      search.Raise(budget_);
      Blame(key, prepared, search);
    }
    return outcome;
  }

  void Blame(const Key& key, const KeyHistory& prepared, Search& search) {
    result_.verdict = Verdict::kNotLinearizable;
    const Search::Culprit culprit = search.FindCulprit();
    Violation& violation = result_.violation.emplace();
    violation.key = key.name;
    violation.exact = culprit.exact;
    violation.index = prepared.moves()[culprit.move].operation;
    violation.operation = history_[violation.index];
    ShowOrder(prepared, search.OrderBefore(culprit.move), violation);
  }

  void ShowOrder(const KeyHistory& prepared, const std::vector<std::uint32_t>& order,
                 Violation& violation) const {
    for (std::size_t i = 0; i < order.size(); ++i) {
      const std::uint32_t index = prepared.moves()[order[i]].operation;
      violation.prefix.push_back(index);
      Apply(history_[index], violation.value);
      if (i + kTail >= order.size()) {
        violation.tail.push_back({history_[index], violation.value});
      }
    }
  }

  const History& history_;
  const Model model_;
  const Budget budget_;
  const std::vector<Key> keys_;
  CheckResult result_;
};

}  // namespace

CheckResult CheckHistory(const History& history, Model model, const Budget& budget) {
  return Checker(history, model, budget).Run();
}

}  // namespace quorum::check
