#include "grader/check/linearizability/history_generator.h"

#include <algorithm>
#include <map>
#include <random>
#include <tuple>

#include "grader/check/linearizability/plain_checker.h"

namespace quorum::check {
namespace {

class Generator {
 public:
  Generator(const HistoryShape& shape, std::uint64_t seed) : shape_(shape), random_(seed) {}

  History Make() {
    std::vector<std::int64_t> idle_from(static_cast<std::size_t>(shape_.clients), 0);
    std::vector<std::tuple<std::int64_t, std::uint64_t, std::size_t>> happens;
    for (std::size_t i = 0; i < shape_.operations; ++i) {
      const auto client = std::min_element(idle_from.begin(), idle_from.end());
      Operation op;
      op.client = client - idle_from.begin();
      op.call = *client + Below(shape_.tie / 4 + 2);
      op.ret = op.call + Below(2 * shape_.tie + 1);
      *client = *op.ret + Below(2);
      happens.emplace_back(op.call + Below(*op.ret - op.call + 1), random_(), i);
      history_.push_back(op);
    }
    std::sort(happens.begin(), happens.end());
    for (const auto& [instant, tie_breaker, i] : happens) {
      Happen(history_[i]);
    }
    std::stable_sort(history_.begin(), history_.end(),
                     [](const Operation& a, const Operation& b) { return a.call < b.call; });
    return std::move(history_);
  }

 private:
  std::int64_t Below(std::int64_t bound) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(bound));
  }

  // Decides what the operation is, and lets it take effect.
  void Happen(Operation& op) {
    op.key = std::string(1, static_cast<char>('a' + Below(shape_.keys)));
    const std::int64_t change = Below(std::max(shape_.puts + shape_.appends + shape_.cas, 1));
    if (Below(100) < shape_.gets) {
      op.op = OpKind::kGet;
    } else if (change < shape_.puts) {
      op.op = OpKind::kPut;
    } else {
      op.op = change < shape_.puts + shape_.appends ? OpKind::kAppend : OpKind::kCas;
    }
    if (op.op != OpKind::kGet) {
      op.value = NewValue();
    }
    std::optional<std::string>& value = store_[op.key];
    std::optional<std::string>& seen = seen_[{op.client, op.key}];
    op.expect = op.op == OpKind::kCas ? seen : std::nullopt;
    const bool unknown = Below(100) < shape_.unknown;
    if (unknown) {
      op.ret.reset();
    }
    if (!unknown || Below(2) == 0) {
      op.swapped = op.op == OpKind::kCas && value.value_or("") == op.expect.value_or("") &&
                   (shape_.model == Model::kKv || value.has_value() == op.expect.has_value());
      PlainlyApply(Unobserved(op), shape_.model, value);
    }
    seen = value;
    op.result = op.op == OpKind::kGet && !unknown ? value : std::nullopt;
    op.swapped = op.swapped && !unknown;
  }

  static Operation Unobserved(Operation op) {
    op.ret.reset();
    return op;
  }

  std::string NewValue() {
    ++made_;
    return shape_.values == 0 ? std::to_string(made_) + ","
                              : std::string(1, static_cast<char>('a' + Below(shape_.values)));
  }

  const HistoryShape shape_;
  std::mt19937_64 random_;  // Not a distribution: those differ between libraries.
  History history_;
  std::map<std::string, std::optional<std::string>> store_;
  std::map<std::pair<std::int64_t, std::string>, std::optional<std::string>> seen_;
  std::uint64_t made_ = 0;
};

}  // namespace

History MakeHistory(const HistoryShape& shape, std::uint64_t seed) {
  return Generator(shape, seed).Make();
}

}  // namespace quorum::check
