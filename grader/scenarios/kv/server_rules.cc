#include "grader/scenarios/kv/server_rules.h"

#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <sstream>

#include "grader/scenarios/kv/text.h"

namespace quorum::grader::kv {
namespace {

using google::protobuf::util::MessageDifferencer;

std::string Quote(const std::string* value) {
  return value == nullptr ? "is absent" : fmt::format("has the value \"{}\"", *value);
}

std::string Show(const quorum::kv::Session* session) {
  if (session == nullptr) return "not open";
  std::string text =
      fmt::format("open, used at index {}, waiting for answers from {} on, and remembers those to",
                  session->last_used(), session->first_unanswered());
  for (const auto& answer : session->answers()) {
    text += fmt::format(" {} ({})", answer.sequence(), kv::Show(answer.response()));
  }
  return session->answers().empty() ? text + " nothing" : text;
}

template <class Map>
const typename Map::mapped_type* Find(const Map& map, const typename Map::key_type& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

/// The first key of either map under which the other one has something else.
template <class Map, class Same>
std::optional<typename Map::key_type> FirstDifference(const Map& one, const Map& other, Same same) {
  std::set<typename Map::key_type> keys;
  for (const auto& [key, value] : one) keys.insert(key);
  for (const auto& [key, value] : other) keys.insert(key);
  for (const auto& key : keys) {
    const auto* here = Find(one, key);
    const auto* there = Find(other, key);
    if (here == nullptr || there == nullptr || !same(*here, *there)) return key;
  }
  return std::nullopt;
}

}  // namespace

// ---- The state

StateFollowsLog::StateFollowsLog(sim::World& world, const Facts& facts)
    : facts_(facts),
      executes_(world, kExecutes),
      executed_once_(world, kExecutedOnce),
      sessions_(world, kSessionsFollowLog),
      snapshot_(world, kSnapshotIsWhole) {}

void StateFollowsLog::Applied(NodeId node, LogIndex index, std::string_view,
                              const std::string& state) {
  See({node, index, state, false});
}

void StateFollowsLog::Restored(NodeId node, LogIndex index, const std::string& state) {
  See({node, index, state, true});
}

void StateFollowsLog::See(const Seen& seen) {
  later_.push_back(seen);
  std::deque<Seen> unknown;
  for (Seen& one : std::exchange(later_, {})) {
    if (one.index <= facts_.last()) {
      Judge(one);
    } else {
      unknown.push_back(std::move(one));
    }
  }
  later_ = std::move(unknown);
}

void StateFollowsLog::Judge(const Seen& seen) {
  // A digest of 0: another log's command. Whether logs agree is not this rule's affair.
  const std::size_t digest = facts_.DigestAt(seen.index);
  if (digest == 0 || digest == std::hash<std::string>()(seen.state)) return;
  quorum::kv::Snapshot state;
  if (!state.ParseFromString(seen.state)) {
    return snapshot_.Violated(
        fmt::format("The snapshot of server {} is no Snapshot of kv.proto.", seen.node), seen.node);
  }
  const Model model = facts_.At(seen.index);
  if (JudgeValues(seen, state, model) && JudgeSessions(seen, state, model)) {
    snapshot_.Violated(fmt::format("The snapshot of server {} has its keys, sessions or answers "
                                   "not in ascending order.",
                                   seen.node),
                       seen.node);
  }
}

bool StateFollowsLog::JudgeValues(const Seen& seen, const quorum::kv::Snapshot& state,
                                  const Model& model) {
  std::map<std::string, std::string> values;
  for (const auto& pair : state.pairs()) values[pair.key()] = pair.value();
  const auto key = FirstDifference(values, model.values(), std::equal_to<>());
  if (!key) return true;
  const Effect& effect = facts_.EffectAt(seen.index);
  Promise& broken = seen.restored ? snapshot_ : effect.executed ? executes_ : executed_once_;
  broken.Violated(
      fmt::format("After {} index {} the key \"{}\" {} at server {}. As the log has it, it {}{}.",
                  seen.restored ? "the snapshot of" : "applying", seen.index, *key,
                  Quote(Find(values, *key)), seen.node, Quote(Find(model.values(), *key)),
                  effect.executed || seen.restored
                      ? ""
                      : ": the command there is a write that must not be executed (again)"),
      seen.node);
  return false;
}

bool StateFollowsLog::JudgeSessions(const Seen& seen, const quorum::kv::Snapshot& state,
                                    const Model& model) {
  std::map<std::uint64_t, quorum::kv::Session> sessions;
  for (const auto& session : state.sessions()) sessions[session.session()] = session;
  const auto different = FirstDifference(
      sessions, model.sessions(),
      [](const auto& one, const auto& other) { return MessageDifferencer::Equals(one, other); });
  if (!different) return true;
  Promise& broken = seen.restored || sessions.empty() ? snapshot_ : sessions_;
  broken.Violated(
      fmt::format("After {} index {} the session {} is, at server {}, {}. As the log has it, it is "
                  "{}.",
                  seen.restored ? "the snapshot of" : "applying", seen.index, *different, seen.node,
                  Show(Find(sessions, *different)), Show(Find(model.sessions(), *different))),
      seen.node);
  return false;
}

// ---- Answers

void AnswerIsOwn::Answers(NodeId server, const WriteRequest& request,
                          const WriteResponse& response) {
  if (response.outcome() != quorum::kv::EXECUTED || !request.has_id()) return;
  const Number number = NumberOf(request.id());
  const Facts::Execution* execution = facts().ExecutionOf(number);
  if (execution == nullptr) {
    return Violated(fmt::format("Server {} answers \"{}\" to {}, which no server has applied yet.",
                                server, Show(response), Show(number)),
                    server);
  }
  const WriteResponse& right = execution->response;
  if (right.done() == response.done() && right.size() == response.size()) return;
  Violated(fmt::format("Server {} answers \"{}\" to {} ({}). When it was executed, at index {}, "
                       "the answer was \"{}\".",
                       server, Show(response), Show(number), Show(request), execution->index,
                       Show(right)),
           server);
}

void RefusesRightly::Answers(NodeId server, const WriteRequest& request,
                             const WriteResponse& response) {
  const Number number = NumberOf(request.id());
  const auto session = facts().now().sessions().find(number.first);
  const bool open = session != facts().now().sessions().end();
  if (response.outcome() == quorum::kv::EXPIRED && open) {
    Violated(
        fmt::format("Server {} answers EXPIRED to {}; that session is open.", server, Show(number)),
        server);
  }
  if (response.outcome() == quorum::kv::FORGOTTEN && open &&
      number.second >= session->second.first_unanswered()) {
    Violated(fmt::format("Server {} answers FORGOTTEN to {}; the client waits for answers from {} "
                         "on.",
                         server, Show(number), session->second.first_unanswered()),
             server);
  }
}

void AppendedOnce::Reads(NodeId node, const GetRequest& request, const GetResponse& response) {
  std::set<std::string> parts;
  std::istringstream in(response.value());
  for (std::string part; std::getline(in, part, ';');) {
    if (parts.insert(part).second) continue;
    return Violated(fmt::format("A user reads \"{}\" in \"{}\": \"{};\" was appended once.",
                                response.value(), request.key(), part));
  }
}

}  // namespace quorum::grader::kv
