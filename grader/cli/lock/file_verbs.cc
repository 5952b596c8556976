// The verbs that ask once, and are done.

#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <iterator>

#include "grader/cli/lock/lock_options.h"

namespace quorum::cli {

namespace ls = lock_service;

namespace {

/// Opens the verb's node and does `what` with the handle; the exit code.
template <class What>
int WithNode(const LockOptions& options, const LockVerb& verb, const OpenWish& wish, What what) {
  const auto session = Connect(options);
  if (!session.ok()) return ComplainOfLock(session.status());
  const auto handle = (*session)->Open(verb.path, wish);
  if (!handle.ok()) return ComplainOfLock(handle.status());
  const absl::Status status = what(**session, *handle);
  return status.ok() ? 0 : ComplainOfLock(status);
}

void PrintStat(const ls::Stat& stat) {
  fmt::print("{} instance {}, content generation {}, lock generation {}, {}\n",
             stat.directory() ? "directory:" : (stat.ephemeral() ? "ephemeral file:" : "file:"),
             stat.instance(), stat.content_generation(), stat.lock_generation(),
             stat.directory()
                 ? fmt::format("{} children", stat.children())
                 : fmt::format("{} bytes, checksum {:016x}", stat.size(), stat.checksum()));
}

}  // namespace

int LockPut(const LockOptions& options, const LockVerb& verb) {
  std::string contents;
  if (verb.value) {
    contents = *verb.value;
  } else {
    contents.assign(std::istreambuf_iterator<char>(std::cin), {});
  }
  const OpenWish wish = {
      .write = true, .create = !verb.if_generation.has_value(), .parents = verb.parents};
  return WithNode(options, verb, wish, [&](LockSession& session, std::uint64_t handle) {
    ls::SetContentsRequest request;
    request.set_handle(handle);
    request.set_contents(contents);
    if (verb.if_generation) request.set_if_generation(*verb.if_generation);
    const auto set = session.Ask(ls::user::kSetContents, request);
    if (!set.ok()) return set.status();
    if (!set->written()) {
      return absl::FailedPreconditionError(
          fmt::format("Not written: the content generation is {}, not {}.",
                      set->stat().content_generation(), *verb.if_generation));
    }
    if (verb.details) PrintStat(set->stat());
    return absl::OkStatus();
  });
}

int LockGet(const LockOptions& options, const LockVerb& verb) {
  return WithNode(options, verb, {}, [&](LockSession& session, std::uint64_t handle) {
    ls::GetContentsAndStatRequest request;
    request.set_handle(handle);
    const auto read = session.Ask(ls::user::kGetContentsAndStat, request);
    if (!read.ok()) return read.status();
    if (verb.details) {
      PrintStat(read->stat());
    } else {
      std::fwrite(read->contents().data(), 1, read->contents().size(), stdout);
      if (!read->contents().ends_with('\n')) std::fputc('\n', stdout);
    }
    return absl::OkStatus();
  });
}

int LockList(const LockOptions& options, const LockVerb& verb) {
  return WithNode(options, verb, {}, [&](LockSession& session, std::uint64_t handle) {
    ls::ReadDirRequest request;
    request.set_handle(handle);
    const auto read = session.Ask(ls::user::kReadDir, request);
    if (!read.ok()) return read.status();
    for (const std::string& child : read->children()) fmt::print("{}\n", child);
    return absl::OkStatus();
  });
}

int LockMakeDirectory(const LockOptions& options, const LockVerb& verb) {
  const OpenWish wish = {.write = true, .create = true, .directory = true, .parents = verb.parents};
  return WithNode(options, verb, wish,
                  [](LockSession&, std::uint64_t) { return absl::OkStatus(); });
}

int LockRemove(const LockOptions& options, const LockVerb& verb) {
  return WithNode(options, verb, {.write = true}, [&](LockSession& session, std::uint64_t handle) {
    ls::DeleteRequest request;
    request.set_handle(handle);
    return session.Ask(ls::user::kDelete, request).status();
  });
}

}  // namespace quorum::cli
