// Part 4A, asked by clients without the library.

#include <fmt/format.h>

#include "grader/scenarios/lock_service/plain_client.h"
#include "grader/scenarios/lock_service/state_rules.h"
#include "grader/scenarios/lock_service/statements.h"
#include "grader/scenarios/lock_service/stories.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;

/// Asks, and demands this status.
template <class Request, class Response>
Response Expect(LockRoom& room, PlainClient& client, const Method<Request, Response>& method,
                const Request& request, absl::StatusCode code, const Statement& statement,
                const char* what) {
  const absl::StatusOr<Response> answer = client.Ask(method, request);
  room.stage().Require(statement, answer.status().code() == code,
                       fmt::format("{}: the answer is {}, and should be {}.", what,
                                   answer.status().ToString(), absl::StatusCodeToString(code)));
  return answer.ok() ? *answer : Response();
}

lock::OpenRequest Making(PlainClient& client, const std::string& path,
                         lock::OpenRequest::Create create) {
  lock::OpenRequest request;
  *request.mutable_call() = client.NewCall();
  request.set_path(path);
  request.set_create(create);
  request.set_write(true);
  return request;
}

lock::SetContentsRequest Writing(PlainClient& client, std::uint64_t handle,
                                 const std::string& contents) {
  lock::SetContentsRequest request;
  *request.mutable_call() = client.NewCall();
  request.set_handle(handle);
  request.set_contents(contents);
  return request;
}

lock::GetContentsAndStatResponse Read(LockRoom& room, PlainClient& client, std::uint64_t handle) {
  lock::GetContentsAndStatRequest request;
  *request.mutable_call() = client.Reading();
  request.set_handle(handle);
  return Expect(room, client, lock::kGetContentsAndStat, request, absl::StatusCode::kOk, kFiles,
                "A client reads a file");
}

void PlayFiles(Stage& stage) {
  LockRoom room(stage, {.lease = 3600 * kSecond});
  PlainClient client(room, 201);
  constexpr auto kOk = absl::StatusCode::kOk;
  lock::OpenRequest directory = Making(client, LockRoom::Path("d"), lock::OpenRequest::MUST_CREATE);
  directory.set_directory(true);
  const auto opened = Expect(room, client, lock::kOpen, directory, kOk, kFiles, "It makes d");
  stage.Require(kFiles, opened.created() && opened.handle() != 0 && opened.stat().directory(),
                "d was to be created, and the answer does not say so.");
  stage.Step("A client without the library makes a directory d and two files in it.");
  lock::OpenRequest make = Making(client, LockRoom::Path("d/b"), lock::OpenRequest::IF_ABSENT);
  make.set_contents("first");
  const auto file = Expect(room, client, lock::kOpen, make, kOk, kFiles, "It makes d/b");
  Expect(room, client, lock::kOpen,
         Making(client, LockRoom::Path("d/a"), lock::OpenRequest::IF_ABSENT), kOk, kFiles,
         "It makes d/a");
  Expect(room, client, lock::kOpen,
         Making(client, LockRoom::Path("d/a"), lock::OpenRequest::MUST_CREATE),
         absl::StatusCode::kAlreadyExists, kFiles, "It makes d/a, which must not exist");
  Expect(room, client, lock::kOpen,
         Making(client, LockRoom::Path("e/a"), lock::OpenRequest::IF_ABSENT),
         absl::StatusCode::kFailedPrecondition, kFiles, "It makes e/a, without e");
  Expect(room, client, lock::kOpen,
         Making(client, LockRoom::Path("d//a"), lock::OpenRequest::IF_ABSENT),
         absl::StatusCode::kInvalidArgument, kFiles, "It makes d//a");
  const auto absent = Expect(room, client, lock::kOpen,
                             Making(client, LockRoom::Path("d/c"), lock::OpenRequest::MUST_EXIST),
                             kOk, kFiles, "It opens d/c, which is absent");
  stage.Require(kFiles, absent.handle() == 0, "There is no d/c, and its handle should be 0.");

  lock::GetContentsAndStatResponse read = Read(room, client, file.handle());
  stage.Require(kFiles, read.contents() == "first" && read.stat().content_generation() == 1,
                "d/b was created with contents, of generation 1, and reads otherwise.");
  lock::SetContentsRequest compare = Writing(client, file.handle(), "never");
  compare.set_if_generation(7);
  stage.Require(kFiles,
                !Expect(room, client, lock::kSetContents, compare, kOk, kFiles,
                        "It writes if the generation is 7")
                     .written(),
                "The generation was 1, and a write that wanted 7 was done.");
  compare = Writing(client, file.handle(), "second");
  compare.set_if_generation(1);
  stage.Require(kFiles,
                Expect(room, client, lock::kSetContents, compare, kOk, kFiles,
                       "It writes if the generation is 1")
                    .written(),
                "The generation was 1, and a write that wanted 1 was not done.");
  read = Read(room, client, file.handle());
  stage.Require(kFiles, read.contents() == "second" && read.stat().content_generation() == 2,
                "d/b was written, and does not read so.");
  lock::ReadDirRequest list;
  *list.mutable_call() = client.Reading();
  list.set_handle(opened.handle());
  const auto children = Expect(room, client, lock::kReadDir, list, kOk, kFiles, "It lists d");
  stage.Require(kFiles,
                children.children_size() == 2 && children.children(0) == "a" &&
                    children.children(1) == "b" && children.stat().children() == 2,
                "d has the children a and b, and is listed otherwise.");
  lock::DeleteRequest remove;
  *remove.mutable_call() = client.NewCall();
  remove.set_handle(opened.handle());
  Expect(room, client, lock::kDelete, remove, absl::StatusCode::kFailedPrecondition, kFiles,
         "It deletes d, which has children");
  *remove.mutable_call() = client.NewCall();
  remove.set_handle(file.handle());
  Expect(room, client, lock::kDelete, remove, kOk, kFiles, "It deletes d/b");
  lock::GetStatRequest stat;
  *stat.mutable_call() = client.Reading();
  stat.set_handle(file.handle());
  Expect(room, client, lock::kGetStat, stat, absl::StatusCode::kNotFound, kFiles,
         "It asks for the stat of d/b, which is deleted");
  PlainClient stranger(room, 202);
  stat.set_handle(opened.handle());
  Expect(room, stranger, lock::kGetStat, stat, absl::StatusCode::kPermissionDenied, kFiles,
         "Another client uses this one's session");
  *stat.mutable_call() = stranger.Reading();
  Expect(room, stranger, lock::kGetStat, stat, absl::StatusCode::kPermissionDenied, kFiles,
         "Another client uses this one's handle");
}

void PlayRetries(Stage& stage) {
  LockRoom room(
      stage,
      {.lease = 3600 * kSecond, .snapshot_every = 5, .over_paxos = stage.random().Below(2) == 0});
  PlainClient client(room, 201);
  constexpr auto kOk = absl::StatusCode::kOk;
  const lock::OpenRequest make =
      Making(client, LockRoom::Path("f"), lock::OpenRequest::MUST_CREATE);
  const auto file = Expect(room, client, lock::kOpen, make, kOk, kOnce, "It makes f");
  std::vector<lock::SetContentsRequest> writes;
  for (std::uint64_t number = 1; number <= 12; ++number) {
    writes.push_back(Writing(client, file.handle(), fmt::format("{}", number)));
    writes.back().set_if_generation(number);
  }
  for (const lock::SetContentsRequest& write : writes) {
    Expect(room, client, lock::kSetContents, write, kOk, kOnce, "It writes f");
  }
  stage.Step("A client makes a file and writes it twelve times, generation by generation.");
  const bool all = stage.random().Below(2) == 0;
  for (const NodeId server : room.servers()) {
    if (all || server == room.leader()) room.world().Crash(server, false);
  }
  room.world().RunFor(kSecond);
  for (const NodeId server : room.servers()) room.world().Boot(server);
  stage.Step(all ? "All servers die and restart." : "The master dies and restarts.");
  const auto again = Expect(room, client, lock::kOpen, make, kOk, kOnce, "It makes f again");
  stage.Require(kOnce, again.handle() == file.handle() && again.created(),
                fmt::format("f was made, with handle {}; asked again, the handle is {}.",
                            file.handle(), again.handle()));
  while (!writes.empty()) {
    const std::size_t which = stage.random().Below(writes.size());
    const auto answer = Expect(room, client, lock::kSetContents, writes[which], kOk, kOnce,
                               "It asks for an earlier write again");
    stage.Require(
        kOnce,
        answer.written() && answer.stat().content_generation() == writes[which].if_generation() + 1,
        fmt::format("The write of generation {} was done; asked again, the answer is "
                    "another one.",
                    writes[which].if_generation() + 1));
    writes.erase(writes.begin() + static_cast<std::ptrdiff_t>(which));
  }
  const auto read = Read(room, client, file.handle());
  stage.Require(kOnce, read.contents() == "12" && read.stat().content_generation() == 13,
                fmt::format("f was written twelve times, and has generation {}.",
                            read.stat().content_generation()));
}

}  // namespace

std::vector<Scenario> FileScenarios() {
  return {
      {.lab = "lock_service",
       .part = "4A",
       .name = "Files",
       .story = "A client that speaks nothing but lock_service.proto makes files and directories, "
                "reads, writes and deletes them, and asks for what is not allowed.",
       .points = 3,
       .seeds = 20,
       .play = PlayFiles},
      {.lab = "lock_service",
       .part = "4A",
       .name = "AskedAgain",
       .story = "A client has many operations under way. The servers take snapshots, die and "
                "restart; then it asks for all of them again, in any order.",
       .points = 3,
       .seeds = 20,
       .play = PlayRetries},
  };
}

}  // namespace quorum::grader::locks
