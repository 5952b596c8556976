// The bonus: access control, and holders that are told who waits.

#include <fmt/format.h>

#include "grader/scenarios/lock_service/acts.h"
#include "grader/scenarios/lock_service/listener.h"
#include "grader/scenarios/lock_service/stories.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;
namespace user = quorum::lock_service::user;

constexpr Statement kAcl = {"lock.access",
                            "A node is opened by whom its ACL admits, in the ways that it admits; "
                            "a handle that is open stays "
                            "so, and a new node has the ACL of its parent unless it is given one.",
                            "Chubby, section 2.3; lab 4, bonus"};
constexpr Statement kConflict = {
    "lock.conflicts-are-told",
    "A holder that wished to be told hears of everyone who asks for the lock and cannot have it as "
    "long as it is held, and of nobody else.",
    "Chubby, section 2.5; lab 4, bonus"};

std::string NameOf(NodeId client) { return fmt::format("client-{}", client); }

void PlayAcls(Stage& stage) {
  LockRoom room(stage,
                {.clients = 3, .snapshot_every = 5, .over_paxos = stage.random().Below(2) == 0});
  const NodeId owner = LockRoom::Client(0);
  const NodeId reader = LockRoom::Client(1);
  const NodeId stranger = LockRoom::Client(2);
  const auto expect = [&](NodeId client, const lock::OpenRequest& request, bool admitted) {
    const auto opened = room.Do(client, user::kOpen, request);
    const bool is = opened.ok() && opened->handle() != 0;
    stage.Require(kAcl, is == admitted && (is || absl::IsPermissionDenied(opened.status())),
                  fmt::format("{} opens {}{}{}: the answer is {}, and it should be {}.",
                              NameOf(client), request.path(), request.write() ? " to write" : "",
                              request.change_acl() ? " to change its ACL" : "",
                              opened.status().ToString(), admitted ? "admitted" : "refused"));
    return is ? opened->handle() : 0;
  };
  lock::OpenRequest make = Opening(LockRoom::Path("d"), true, true);
  make.set_create(lock::OpenRequest::MUST_CREATE);
  make.set_directory(true);
  make.mutable_acl()->add_readers(NameOf(owner));
  make.mutable_acl()->add_readers(NameOf(reader));
  make.mutable_acl()->add_writers(NameOf(owner));
  make.mutable_acl()->add_changers(NameOf(owner));
  const std::uint64_t directory = expect(owner, make, true);
  lock::OpenRequest file = Opening(LockRoom::Path("d/f"), true);
  file.set_create(lock::OpenRequest::IF_ABSENT);
  expect(reader, file, false);  // who may not write the directory makes nothing in it
  expect(owner, file, true);
  file.set_create(lock::OpenRequest::MUST_EXIST);
  const std::uint64_t open = expect(reader, Opening(LockRoom::Path("d/f"), false), true);
  expect(reader, file, false);
  expect(reader, Opening(LockRoom::Path("d"), false, true), false);
  expect(stranger, Opening(LockRoom::Path("d/f"), false), false);
  expect(stranger, Opening(LockRoom::Path("d"), false), false);
  stage.Step("A client makes a directory that another one may read, and a file in it.");
  if (stage.random().Below(2) == 0) {
    for (const NodeId server : room.servers()) room.world().Crash(server, false);
    for (const NodeId server : room.servers()) room.world().Boot(server);
    stage.Step("All servers restart.");
  }
  lock::SetAclRequest change;
  change.set_handle(expect(owner, Opening(LockRoom::Path("d/f"), false, true), true));
  change.mutable_acl()->add_readers(NameOf(stranger));
  change.mutable_acl()->add_writers(NameOf(stranger));
  const auto changed = room.Demand(owner, user::kSetAcl, change);
  stage.Require(kAcl, changed.stat().acl_generation() == 1,
                "An ACL was changed once, and its generation is not 1.");
  expect(stranger, file, true);
  expect(owner, file, false);
  expect(reader, Opening(LockRoom::Path("d/f"), false), false);
  room.Contents(reader, open);
  change.set_handle(open);
  const auto refused = room.Do(reader, user::kSetAcl, change);
  stage.Require(kAcl, absl::IsPermissionDenied(refused.status()),
                "An ACL is changed through a handle that is not open for that.");
  change.set_handle(directory);
  change.mutable_acl()->clear_readers();
  room.Demand(owner, user::kSetAcl, change);
  expect(stranger, Opening(LockRoom::Path("d"), false), true);  // nobody is named: everyone
}

void PlayConflicts(Stage& stage) {
  LockRoom room(stage, {.clients = 3, .over_paxos = stage.random().Below(2) == 0});
  const NodeId holder = LockRoom::Client(0);
  const std::uint64_t held =
      room.OpenFile(holder, LockRoom::Path("f"), false, {lock::CONFLICTING_LOCK});
  const std::uint64_t one = room.OpenFile(LockRoom::Client(1), LockRoom::Path("f"));
  const std::uint64_t other = room.OpenFile(LockRoom::Client(2), LockRoom::Path("f"));
  Listener listener(room, holder);
  const auto heard = [&](int count, const char* what) {
    room.world().RunUntil([&] { return listener.count(lock::CONFLICTING_LOCK) >= count; },
                          5 * kSecond);
    room.world().RunFor(300 * kMillisecond);
    stage.Require(
        kConflict, listener.count(lock::CONFLICTING_LOCK) == count,
        fmt::format("{}: the holder should have been told of {} conflicts, and was of {}.", what,
                    count, listener.count(lock::CONFLICTING_LOCK)));
  };
  room.Demand(holder, user::kAcquire, Acquiring(held, lock::SHARED));
  room.Demand(LockRoom::Client(1), user::kAcquire, Acquiring(one, lock::SHARED));
  heard(0, "Another one shares the lock");
  const Acquired waits = BeginAcquire(room, LockRoom::Client(2), other, lock::EXCLUSIVE);
  heard(1, "One who wants it exclusively waits");
  if (stage.random().Below(2) == 0) {
    const NodeId leader = room.AwaitLeader();
    room.world().Crash(leader, false);
    room.world().RunFor(kSecond);
    room.world().Boot(leader);
    stage.Step("The master dies, and restarts.");
  }
  heard(1, "Nobody else has asked");
  Release(room, holder, held);
  Release(room, LockRoom::Client(1), one);
  room.world().RunUntil([&] { return HasIt(waits); }, 10 * kSecond);
  room.TryLock(LockRoom::Client(1), one);
  heard(1, "The handle holds the lock no more");
  Release(room, LockRoom::Client(2), other);
  stage.Require(kConflict, room.TryLock(holder, held), "A free lock was not given.");
  stage.Require(kConflict, !room.TryLock(LockRoom::Client(1), one),
                "A lock that is held was given.");
  heard(2, "One who tries it does not get it");
}

}  // namespace

std::vector<Scenario> BonusScenarios() {
  return {
      {.lab = "lock_service",
       .part = "4D",
       .name = "Acls",
       .story = "Three clients open a directory and a file whose ACLs admit some of them; the ACLs "
                "are changed.",
       .points = 3,
       .seeds = 20,
       .bonus = true,
       .play = PlayAcls},
      {.lab = "lock_service",
       .part = "4D",
       .name = "ConflictingLocks",
       .story = "The holder of a lock is told who asks for it and cannot have it.",
       .points = 2,
       .seeds = 20,
       .bonus = true,
       .play = PlayConflicts},
  };
}

}  // namespace quorum::grader::locks
