// Rules about events: what the state has to say of each change, and what users are told.
#include "grader/scenarios/lock_service/event_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "labs/lab4_lock_service/lock_service.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;

constexpr Statement kPublished = {"lock.changes-are-published",
                                  "Every session that lives and has a node open with the wish for "
                                  "it gets an event of each change "
                                  "of that node, or is told that events were lost.",
                                  "Chubby, section 2.5; lab 4, part 4D"};
constexpr Statement kFollow = {"lock.events-follow",
                               "The library tells all events of its session once, in the order of "
                               "the changes, and none before "
                               "its change can be read; what is lost it says.",
                               "Chubby, section 2.5; lab 4, part 4D"};

bool Wishes(const lock::HandleRecord& handle, lock::EventKind kind) {
  return kind == lock::HANDLE_INVALID ||
         std::find(handle.events().begin(), handle.events().end(), kind) != handle.events().end();
}

/// Whether the session has a new event like this one, or one that says that some were lost.
bool IsTold(const SessionRecord& before, const SessionRecord& after,
            const lock::HandleRecord& handle, lock::EventKind kind, const std::string& child) {
  return std::any_of(after.events().begin(), after.events().end(), [&](const lock::Event& event) {
    if (event.number() <= before.last_event()) return false;
    if (event.kind() == lock::EVENTS_LOST) return true;
    return event.kind() == kind && event.handle() == handle.id() && event.path() == handle.path() &&
           event.child() == child;
  });
}

/// The names of what one has and the other has not.
std::set<std::string> ChildrenIn(const State& state, const std::string& path,
                                 const State& but_not_in) {
  std::set<std::string> children;
  for (std::string& child : ChildrenOf(state, path)) {
    const NodeRecord* here = FindNode(state, path + "/" + child);
    const NodeRecord* there = FindNode(but_not_in, path + "/" + child);
    if (there == nullptr || there->stat().instance() != here->stat().instance()) {
      children.insert(std::move(child));
    }
  }
  return children;
}

}  // namespace

ChangesArePublished::ChangesArePublished(sim::World& world) : Invariant(world, kPublished) {}

void ChangesArePublished::Changed(const State& before, const State& after) {
  for (const SessionRecord& session : after.sessions()) {
    for (const lock::HandleRecord& handle : session.handles()) wished_ |= !handle.events().empty();
  }
  for (const NodeRecord& node : before.nodes()) {
    const NodeRecord* now = FindNode(after, node.path());
    const bool stays = now != nullptr && now->stat().instance() == node.stat().instance();
    if (!stays && wished_) Judge(before, after, node, lock::HANDLE_INVALID, "");
    if (!stays) continue;
    if (now->stat().content_generation() != node.stat().content_generation()) {
      Judge(before, after, node, lock::CONTENTS_CHANGED, "");
    }
    if (now->stat().lock_generation() != node.stat().lock_generation()) {
      Judge(before, after, node, lock::LOCK_ACQUIRED, "");
    }
    if (!node.stat().directory()) continue;
    for (const std::string& child : ChildrenIn(after, node.path(), before)) {
      Judge(before, after, node, lock::CHILD_ADDED, child);
    }
    for (const std::string& child : ChildrenIn(before, node.path(), after)) {
      Judge(before, after, node, lock::CHILD_REMOVED, child);
    }
  }
}

void ChangesArePublished::Judge(const State& before, const State& after, const NodeRecord& node,
                                lock::EventKind kind, const std::string& child) {
  for (const SessionRecord& session : before.sessions()) {
    const SessionRecord* now = FindSession(after, session.id());
    if (now == nullptr) continue;
    for (const lock::HandleRecord& handle : session.handles()) {
      if (handle.instance() != node.stat().instance() || handle.path() != node.path()) continue;
      const bool open = std::any_of(now->handles().begin(), now->handles().end(),
                                    [&](const auto& one) { return one.id() == handle.id(); });
      if (!open || !Wishes(handle, kind) || IsTold(session, *now, handle, kind, child)) continue;
      return Violated(
          fmt::format("{} has changed, and session {}, whose handle {} wishes to be told "
                      "of {}{}{}, has no such event.",
                      node.path(), session.id(), handle.id(), lock::EventKind_Name(kind),
                      child.empty() ? "" : " ", child));
    }
  }
}

EventsFollow::EventsFollow(sim::World& world) : Invariant(world, kFollow) {}

void EventsFollow::Changed(const State& before, const State& after) {
  for (const SessionRecord& session : after.sessions()) {
    Published& published = published_[session.id()];
    published.client = session.client();
    for (const lock::HandleRecord& handle : session.handles()) {
      handles_[handle.id()] = session.id();
    }
    for (const lock::Event& event : session.events()) {
      published.events.try_emplace(event.number(), event);
    }
  }
}

void EventsFollow::OnBoot(NodeId node, const sim::Disk& disk) { told_.erase(node); }

void EventsFollow::OnReturn(NodeId node, std::uint64_t op, std::string_view path,
                            const absl::Status& status, std::string_view response) {
  if (path != lock::user::kNextEvents.path || !status.ok()) return;
  lock::NextEventsResponse answer;
  answer.ParseFromArray(response.data(), static_cast<int>(response.size()));
  for (const lock::Event& event : answer.events()) {
    Told& told = told_[node];
    if (event.number() <= told.own) continue;  // asked for again
    if (event.number() != told.own + 1) {
      return Violated(
          fmt::format("Node {} tells of event {} after event {}.", node, event.number(), told.own),
          node);
    }
    told.own = event.number();
    if (event.kind() < lock::MASTER_FAILED_OVER) JudgeTold(node, event);
  }
}

std::uint64_t EventsFollow::SessionOf(const lock::Event& event) const {
  const auto found = handles_.find(event.handle());
  return found == handles_.end() ? 0 : found->second;
}

void EventsFollow::JudgeTold(NodeId node, const lock::Event& event) {
  Told& told = told_[node];
  const std::uint64_t session = event.handle() == 0 ? told.session : SessionOf(event);
  if (session != told.session) told = {told.own, session, 0};
  const auto published = published_.find(session);
  if (published == published_.end()) return;  // nothing else is known of it
  const auto next = published->second.events.find(told.number + 1);
  const std::string what =
      fmt::format("{} of handle {}", lock::EventKind_Name(event.kind()), event.handle());
  if (next == published->second.events.end()) {
    return Violated(fmt::format("Node {} tells of {}; session {} has had {} events so far, and all "
                                "of them were told.",
                                node, what, session, told.number),
                    node);
  }
  // What is lost is not told one by one.
  if (event.kind() == lock::EVENTS_LOST) {
    for (const auto& [number, one] : published->second.events) {
      if (number > told.number && one.kind() == lock::EVENTS_LOST) {
        told.number = number;
        return;
      }
    }
  }
  lock::Event expected = next->second;
  expected.set_number(event.number());
  if (expected.SerializeAsString() != event.SerializeAsString()) {
    return Violated(
        fmt::format("Node {} tells of {}; the next event of session {} is {} of handle "
                    "{}.",
                    node, what, session, lock::EventKind_Name(expected.kind()), expected.handle()),
        node);
  }
  ++told.number;
}

}  // namespace quorum::grader::locks
