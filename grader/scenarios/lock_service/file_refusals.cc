// Part 4A: what a request may be, and which node a handle stands for.

#include <fmt/format.h>

#include <utility>

#include "grader/scenarios/lock_service/plain_client.h"
#include "grader/scenarios/lock_service/statements.h"
#include "grader/scenarios/lock_service/stories.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;

constexpr auto kOk = absl::StatusCode::kOk;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr std::uint64_t kChecksumOfFirst = 0x89d7ed7f996f1d41;  // FNV-1a of "first"

/// A client who asks for something, and demands how it is answered.
class Asker {
 public:
  Asker(LockRoom& room, NodeId id) : room_(room), client_(room, id) {}

  PlainClient& client() { return client_; }

  template <class Request, class Response>
  Response Expect(const Method<Request, Response>& method, const Request& request,
                  absl::StatusCode code, std::string_view what) {
    const absl::StatusOr<Response> answer = client_.Ask(method, request);
    room_.stage().Require(kFiles, answer.status().code() == code,
                          fmt::format("{}: the answer is {}, and should be {}.", what,
                                      answer.status().ToString(), absl::StatusCodeToString(code)));
    return answer.ok() ? *answer : Response();
  }

  lock::OpenRequest Opening(const std::string& path, bool write = true) {
    lock::OpenRequest request;
    *request.mutable_call() = client_.NewCall();
    request.set_path(path);
    request.set_create(lock::OpenRequest::IF_ABSENT);
    request.set_write(write);
    return request;
  }

  /// SetContents, Delete, or Close, as a change of the node of `handle`.
  template <class Request>
  Request Changing(std::uint64_t handle) {
    Request request;
    *request.mutable_call() = client_.NewCall();
    request.set_handle(handle);
    return request;
  }

  template <class Request>
  Request Reading(std::uint64_t handle) {
    Request request;
    *request.mutable_call() = client_.Reading();
    request.set_handle(handle);
    return request;
  }

 private:
  LockRoom& room_;
  PlainClient client_;
};

void AskForNames(Asker& asker) {
  const std::string longest(255, 'a');
  asker.Expect(lock::kOpen, asker.Opening(LockRoom::Path(longest)), kOk,
               "It makes a file whose name has 255 bytes");
  asker.Expect(lock::kOpen, asker.Opening(LockRoom::Path("...")), kOk, "It makes \"...\"");
  std::string deep = "/ls/local";
  while (deep.size() <= 1024) deep += "/" + longest;
  const std::pair<std::string, const char*> refused[] = {
      {LockRoom::Path("."), "a file \".\""},
      {LockRoom::Path(".."), "a file \"..\""},
      {LockRoom::Path("../local/f"), "a path with \"..\" in it"},
      {LockRoom::Path("f/"), "a path that ends in \"/\""},
      {"/ls/other/f", "a file in another cell"},
      {"f", "a path that does not begin with \"/ls/\""},
      {LockRoom::Path(longest + "a"), "a name of 256 bytes"},
      {deep, "a path of more than 1024 bytes"},
  };
  for (const auto& [path, what] : refused) {
    asker.Expect(lock::kOpen, asker.Opening(path), kInvalid, fmt::format("It makes {}", what));
  }
}

void AskForContents(LockRoom& room, Asker& asker, std::uint64_t file) {
  const std::string too_long(262'145, 'a');
  lock::OpenRequest large = asker.Opening(LockRoom::Path("large"));
  large.set_contents(too_long);
  asker.Expect(lock::kOpen, large, kInvalid, "It makes a file of 262145 bytes");
  auto write = asker.Changing<lock::SetContentsRequest>(file);
  write.set_contents(too_long);
  asker.Expect(lock::kSetContents, write, kInvalid, "It writes 262145 bytes");
  write = asker.Changing<lock::SetContentsRequest>(file);
  write.set_contents("never");
  write.set_if_generation(0);
  const bool written =
      asker.Expect(lock::kSetContents, write, kOk, "It writes if the generation is 0").written();
  room.stage().Require(kFiles, !written,
                       "The generation was 1, and a write that wanted 0 was done.");
  const auto read =
      asker.Expect(lock::kGetContentsAndStat, asker.Reading<lock::GetContentsAndStatRequest>(file),
                   kOk, "It reads a file");
  room.stage().Require(kFiles, read.contents() == "first" && read.stat().size() == 5,
                       "A file was made with \"first\" in it, and its contents or size differ.");
  room.stage().Require(
      kFiles, read.stat().checksum() == kChecksumOfFirst,
      fmt::format("The checksum of \"first\" is {:#x}, and should be {:#x}: FNV-1a, 64 bits.",
                  read.stat().checksum(), kChecksumOfFirst));
}

void AskWithHandles(Asker& asker, Asker& stranger, std::uint64_t file) {
  const auto read_only = asker.Expect(lock::kOpen, asker.Opening(LockRoom::Path("f"), false), kOk,
                                      "It opens f to read");
  auto write = asker.Changing<lock::SetContentsRequest>(read_only.handle());
  asker.Expect(lock::kSetContents, write, absl::StatusCode::kPermissionDenied,
               "It writes with a handle that is not open for that");
  asker.Expect(lock::kClose, asker.Changing<lock::CloseRequest>(read_only.handle()), kOk,
               "It closes a handle");
  asker.Expect(lock::kClose, asker.Changing<lock::CloseRequest>(read_only.handle()),
               absl::StatusCode::kNotFound, "It closes a handle that is closed");
  asker.Expect(lock::kGetStat, asker.Reading<lock::GetStatRequest>(1'000'000), kInvalid,
               "It uses a handle that was never given out");
  write = asker.Changing<lock::SetContentsRequest>(file);
  stranger.Expect(lock::kSetContents, write, absl::StatusCode::kPermissionDenied,
                  "Another client writes in this one's session");
  write.mutable_call()->set_session(1'000'000);
  asker.Expect(lock::kSetContents, write, absl::StatusCode::kUnauthenticated,
               "It writes in a session that there is not");
}

void PlayFileRefusals(Stage& stage) {
  LockRoom room(stage, {.lease = 3600 * kSecond, .over_paxos = stage.random().Below(2) == 0});
  Asker asker(room, 201);
  Asker stranger(room, 202);
  lock::OpenRequest make = asker.Opening(LockRoom::Path("f"));
  make.set_contents("first");
  const std::uint64_t file = asker.Expect(lock::kOpen, make, kOk, "It makes f").handle();
  stage.Step("A client without the library asks for what is not allowed.");
  AskForNames(asker);
  AskForContents(room, asker, file);
  AskWithHandles(asker, stranger, file);
  const lock::OpenRequest orphan = asker.Opening(LockRoom::Path("d/a"));
  asker.Expect(lock::kOpen, orphan, absl::StatusCode::kFailedPrecondition,
               "It makes d/a, without d");
  lock::OpenRequest directory = asker.Opening(LockRoom::Path("d"));
  directory.set_directory(true);
  asker.Expect(lock::kOpen, directory, kOk, "It makes d");
  asker.Expect(lock::kOpen, orphan, absl::StatusCode::kFailedPrecondition,
               "It asks again, under the same number, for d/a, which was refused; d is there now");
  asker.Expect(lock::kOpen, asker.Opening(LockRoom::Path("f/a")),
               absl::StatusCode::kFailedPrecondition, "It makes f/a, and f is a file");
  asker.Expect(lock::kDelete, asker.Changing<lock::DeleteRequest>(file), kOk, "It deletes f");
  asker.Expect(lock::kOpen, asker.Opening(LockRoom::Path("f")), kOk, "It makes f anew");
  asker.Expect(lock::kSetContents, asker.Changing<lock::SetContentsRequest>(file),
               absl::StatusCode::kNotFound, "It writes the new f with a handle of the old one");
  lock::CreateSessionRequest again;
  again.set_attempt(201);
  const auto session =
      asker.Expect(lock::kCreateSession, again, kOk, "It asks again for its session");
  stage.Require(
      kFiles, session.session() == asker.client().session() && session.lease_ns() == 0,
      "A client asked for a session twice, with the same attempt. The second answer should "
      "have the same session, and grant no lease.");
}

}  // namespace

std::vector<Scenario> FileRefusals() {
  return {{.lab = "lock_service",
           .part = "4A",
           .name = "FileRefusals",
           .story = "A client without the library asks for names and contents that are not "
                    "allowed, uses handles that are closed, of others, or of a file that was "
                    "deleted and made anew, and asks again for what was refused.",
           .points = 2,
           .seeds = 20,
           .play = PlayFileRefusals}};
}

}  // namespace quorum::grader::locks
