// The guarantee, judged at every answer of a library.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "grader/scenarios/lock_service/lock_rules.h"
#include "grader/scenarios/parse.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;
namespace user = quorum::lock_service::user;

constexpr Statement kGuarantee = {
    "lock.answers-hold",
    "When the library answers that a session, a lock or a cached value is valid, the cell has not "
    "ended or changed it at that instant; and no answer is older than when it was asked for.",
    "Chubby, sections 2.7 and 2.8; lab 4, the guarantee"};

}  // namespace

Guarantee::Guarantee(sim::World& world, Stage& stage, const Cell& cell)
    : Invariant(world, kGuarantee), stage_(stage), cell_(cell) {}

std::string Guarantee::PathOf(NodeId node, std::string_view path,
                              const std::string& request) const {
  if (path == user::kOpen.path) return Parse<lock::OpenRequest>(request).path();
  std::uint64_t handle = 0;
  if (path == user::kGetStat.path) handle = Parse<lock::GetStatRequest>(request).handle();
  if (path == user::kReadDir.path) handle = Parse<lock::ReadDirRequest>(request).handle();
  if (path == user::kGetContentsAndStat.path) {
    handle = Parse<lock::GetContentsAndStatRequest>(request).handle();
  }
  const auto found = handles_.find({node, handle});
  return found == handles_.end() ? "" : found->second;
}

void Guarantee::OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                         std::string_view request) {
  Begun begun{world().now(), std::string(request), PathOf(node, path, std::string(request))};
  if (const NodeRecord* record = FindNode(cell_.state_before_now(), begun.node)) {
    begun.instance = record->stat().instance();
    begun.generation = record->stat().content_generation();
  }
  begun_[op] = std::move(begun);
}

void Guarantee::OnReturn(NodeId node, std::uint64_t op, std::string_view path,
                         const absl::Status& status, std::string_view response) {
  const auto ended = begun_.extract(op);
  if (ended.empty() || !status.ok()) return;
  const Begun& begun = ended.mapped();
  if (path == user::kGetSession.path) JudgeSession(node, response);
  if (path == user::kHoldsLock.path) JudgeLock(node, response);
  if (path == user::kOpen.path) JudgeOpen(node, begun, response);
  if (path == user::kGetContentsAndStat.path) JudgeContents(node, begun, response);
  if (path == user::kGetStat.path) {
    JudgeStat(node, begun, Parse<lock::GetStatResponse>(response).stat());
  }
  if (path == user::kReadDir.path) JudgeChildren(node, begun, response);
  if (path == user::kAcquire.path || path == user::kTryAcquire.path) {
    const auto answer = Parse<lock::AcquireResponse>(response);
    if (answer.acquired() && !Holds(cell_.state_before_now(), answer.sequencer())) {
      Violated(fmt::format("Node {} answers that it has acquired {}; that acquisition, generation "
                           "{}, is over by now.",
                           node, answer.sequencer().path(), answer.sequencer().generation()),
               node);
    }
  }
}

void Guarantee::JudgeSession(NodeId node, std::string_view response) {
  const auto answer = Parse<lock::GetSessionResponse>(response);
  if (answer.state() != lock::VALID) return;
  if (FindSession(cell_.state_before_now(), answer.session()) != nullptr) return;
  Violated(fmt::format("Node {} answers that session {} is valid, and the cell has ended it.", node,
                       answer.session()),
           node);
}

void Guarantee::JudgeLock(NodeId node, std::string_view response) {
  const auto answer = Parse<lock::HoldsLockResponse>(response);
  if (!answer.held() || Holds(cell_.state_before_now(), answer.sequencer())) return;
  Violated(fmt::format("Node {} answers that it holds {} with generation {}, and it does not.",
                       node, answer.sequencer().path(), answer.sequencer().generation()),
           node);
}

void Guarantee::JudgeOpen(NodeId node, const Begun& begun, std::string_view response) {
  const auto answer = Parse<lock::OpenResponse>(response);
  const NodeRecord* now = FindNode(cell_.state_before_now(), begun.node);
  if (begun.at == world().now()) stage_.Observe(kCached);
  if (answer.handle() != 0) {
    handles_[{node, answer.handle()}] = begun.node;
    const bool same = now != nullptr && now->stat().instance() == answer.stat().instance();
    if (begun.at != world().now() || same) return;
    Violated(fmt::format("Node {} opens instance {} of {} from its cache, which is not there.",
                         node, answer.stat().instance(), begun.node),
             node);
    return;
  }
  if (begun.instance == 0 || now == nullptr || now->stat().instance() != begun.instance) return;
  Violated(
      fmt::format("Node {} answers that there is no {}; it is there, and was when it was asked "
                  "for.",
                  node, begun.node),
      node);
}

void Guarantee::JudgeStat(NodeId node, const Begun& begun, const lock::Stat& stat) {
  if (begun.at == world().now()) stage_.Observe(kCached);
  const bool older =
      stat.instance() < begun.instance ||
      (stat.instance() == begun.instance && stat.content_generation() < begun.generation);
  if (!older) return;
  Violated(
      fmt::format("Node {} answers with generation {} of instance {} of {}; when it was asked it "
                  "was generation {} of instance {}.",
                  node, stat.content_generation(), stat.instance(), begun.node, begun.generation,
                  begun.instance),
      node);
}

void Guarantee::JudgeContents(NodeId node, const Begun& begun, std::string_view response) {
  const auto answer = Parse<lock::GetContentsAndStatResponse>(response);
  JudgeStat(node, begun, answer.stat());
  const NodeRecord* now = FindNode(cell_.state_before_now(), begun.node);
  const bool same = now != nullptr && now->stat().instance() == answer.stat().instance() &&
                    now->stat().content_generation() == answer.stat().content_generation();
  if (!same || now->contents() == answer.contents()) return;
  Violated(fmt::format("Node {} answers with other contents of {} than there are in generation {}.",
                       node, begun.node, answer.stat().content_generation()),
           node);
}

void Guarantee::JudgeChildren(NodeId node, const Begun& begun, std::string_view response) {
  const auto answer = Parse<lock::ReadDirResponse>(response);
  JudgeStat(node, begun, answer.stat());
  if (begun.at != world().now()) return;  // it was asked of the master
  const std::vector<std::string> children = ChildrenOf(cell_.state_before_now(), begun.node);
  const std::vector<std::string> answered(answer.children().begin(), answer.children().end());
  if (children == answered) return;
  Violated(fmt::format("Node {} answers from its cache that {} has the children [{}]; it has [{}].",
                       node, begun.node, fmt::join(answered, ", "), fmt::join(children, ", ")),
           node);
}

}  // namespace quorum::grader::locks
