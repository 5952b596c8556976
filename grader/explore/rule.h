#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/env/time.h"
#include "common/storage/write_batch.h"
#include "grader/check/statement.h"

namespace quorum::explore {

/// Something that others could have seen of one node.
struct Sight {
  enum class Kind {
    kSent,     ///< a request, or a response, has left it
    kEnded,    ///< an operation of its client ended, with `code` and `payload`
    kDurable,  ///< `batch` will survive any crash
    kCrashed,  ///< it has died, and is about to boot again
    kSaid,     ///< it has said `payload` by Env::Log; to whoever hosts it
  };
  Kind kind;
  NodeId node = 0;
  NodeId to = 0;
  std::string_view path = {};
  bool is_response = false;
  absl::StatusCode code = absl::StatusCode::kOk;  ///< of a response
  std::string_view payload = {};
  std::string_view request = {};  ///< of a response: what it answers
  const WriteBatch* batch = nullptr;
  Time at = {};       ///< by the node's clock
  Time arrived = {};  ///< of a response: when what it answers came
};

/// What must hold in every state of a world. Of each node it keeps a value that follows from what
/// others have seen of that node, in order, and from nothing else; it judges the values of all
/// nodes. That makes it a function of the state, on whatever path the state was reached, and lets
/// the explorer judge equal values once.
///
/// Values are numbers for whatever the rule likes; 0 is the one before anything was seen. Write a
/// rule with `RuleOver`, and several that keep the same value with `RulesOver`.
class Rule {
 public:
  /// What was seen that must not be.
  struct Finding {
    grader::Statement statement;
    std::string detail;  ///< a sentence or two
  };

  virtual ~Rule() = default;
  virtual std::uint32_t See(std::uint32_t value, const Sight& sight) = 0;
  virtual std::optional<Finding> Judge(std::span<const std::uint32_t> values) const = 0;
};

/// Rules whose value of a node is a `Value`: an ordered type; as it is by default at first.
template <class Value>
class RulesOver : public Rule {
 public:
  RulesOver() { Number({}); }

  std::uint32_t See(std::uint32_t value, const Sight& sight) final {
    Value after = *values_[value];
    Note(sight, after);
    return Number(std::move(after));
  }

  std::optional<Finding> Judge(std::span<const std::uint32_t> values) const final {
    std::vector<const Value*> nodes;
    for (const std::uint32_t value : values) nodes.push_back(values_[value]);
    return Find(nodes);
  }

 protected:
  /// Brings `value` up to date with what was seen of its node.
  virtual void Note(const Sight& sight, Value& value) const = 0;
  /// What must not be; `nodes` are in the order of the world's.
  virtual std::optional<Finding> Find(std::span<const Value* const> nodes) const = 0;

 private:
  std::uint32_t Number(Value value) {
    const auto [at, is_new] =
        numbers_.emplace(std::move(value), static_cast<std::uint32_t>(values_.size()));
    if (is_new) values_.push_back(&at->first);
    return at->second;
  }

  std::map<Value, std::uint32_t> numbers_;
  std::vector<const Value*> values_;
};

/// The same for a single rule.
template <class Value>
class RuleOver : public RulesOver<Value> {
 public:
  explicit RuleOver(const grader::Statement& statement) : statement_(statement) {}

 protected:
  /// What must not be; `nodes` are in the order of the world's.
  virtual std::optional<std::string> Broken(std::span<const Value* const> nodes) const = 0;

 private:
  std::optional<Rule::Finding> Find(std::span<const Value* const> nodes) const final {
    auto detail = Broken(nodes);
    if (!detail) return std::nullopt;
    return Rule::Finding{statement_, *std::move(detail)};
  }

  grader::Statement statement_;
};

}  // namespace quorum::explore
