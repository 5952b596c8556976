#include "grader/check/linearizability/plain_checker.h"

#include <map>

namespace quorum::check {
namespace {

using Store = std::map<std::string, std::optional<std::string>>;

bool Same(const std::optional<std::string>& a, const std::optional<std::string>& b, Model model) {
  return model == Model::kKv ? a.value_or("") == b.value_or("") : a == b;
}

// Whether the operations that are not `done` have a legal order from `store` on.
bool HasOrder(const History& history, Model model, std::vector<bool>& done, const Store& store) {
  bool owes = false;
  for (std::size_t i = 0; i < history.size(); ++i) {
    owes = owes || (!done[i] && history[i].ret.has_value());
  }
  if (!owes) {
    return true;  // Those of unknown outcome never happened.
  }
  for (std::size_t i = 0; i < history.size(); ++i) {
    bool may_be_next = !done[i];
    for (std::size_t j = 0; j < history.size(); ++j) {
      const bool precedes = history[j].ret.has_value() && *history[j].ret < history[i].call;
      may_be_next = may_be_next && (done[j] || !precedes);
    }
    Store after = store;
    if (may_be_next && PlainlyApply(history[i], model, after[history[i].key])) {
      done[i] = true;
      const bool found = HasOrder(history, model, done, after);
      done[i] = false;
      if (found) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

bool PlainlyApply(const Operation& op, Model model, std::optional<std::string>& value) {
  const bool known = op.ret.has_value();
  switch (op.op) {
    case OpKind::kGet:
      return !known || Same(value, op.result, model);
    case OpKind::kPut:
      value = op.value;
      return true;
    case OpKind::kAppend:
      value = value.value_or("") + op.value;
      return true;
    case OpKind::kCas: {
      const bool swaps = Same(value, op.expect, model);
      if (swaps) {
        value = op.value;
      }
      return !known || swaps == op.swapped;
    }
  }
  return false;
}

bool PlainlyLinearizable(const History& history, Model model) {
  std::vector<bool> done(history.size(), false);
  return HasOrder(history, model, done, {});
}

}  // namespace quorum::check
