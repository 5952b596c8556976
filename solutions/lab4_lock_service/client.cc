// What is common to all that the library asks of the cell.
#include "labs/lab4_lock_service/client.h"

#include <utility>

#include "common/env/not_written.h"
#include "labs/lab4_lock_service/client_asking.h"
#include "labs/lab4_lock_service/names.h"

namespace quorum::lock_service {
namespace {

constexpr std::int64_t kUsualGrace = 45'000'000'000;
// So many operations may be under way: see `Call.answered_below`.
constexpr std::uint64_t kWindow = 64;

LockClientConfig ConfigOf(const NodeConfig& config) {
  LockClientConfig own;
  config.lab().UnpackTo(&own);
  if (own.servers().empty()) *own.mutable_servers() = config.peers();
  if (own.grace_ns() == 0) own.set_grace_ns(kUsualGrace);
  return own;
}

}  // namespace

LockClient::LockClient(Env& env, const NodeConfig& config)
    : env_(env),
      own_(ConfigOf(config)),
      finder_(env, {own_.servers().begin(), own_.servers().end()}),
      keeper_(env, finder_, ClockBound(config.clock_rate_bound_ppm()), Duration(own_.grace_ns()),
              *this) {
  ServeAll();
}

void LockClient::ServeAll() {
  const auto serve = [this](const auto& method, auto handle) {
    env_.Serve(method, [this, handle](const auto& request, auto responder) {
      (this->*handle)(request, std::move(responder));
    });
  };
  serve(user::kOpen, &LockClient::Open);
  serve(user::kClose, &LockClient::Close);
  serve(user::kGetContentsAndStat, &LockClient::GetContentsAndStat);
  serve(user::kGetStat, &LockClient::GetStat);
  serve(user::kReadDir, &LockClient::ReadDir);
  serve(user::kSetContents, &LockClient::SetContents);
  serve(user::kDelete, &LockClient::Delete);
  serve(user::kSetAcl, &LockClient::SetAcl);
  serve(user::kAcquire, &LockClient::Acquire);
  serve(user::kTryAcquire, &LockClient::TryAcquire);
  serve(user::kRelease, &LockClient::Release);
  serve(user::kGetSequencer, &LockClient::GetSequencer);
  serve(user::kCheckSequencer, &LockClient::CheckSequencer);
  serve(user::kHoldsLock, &LockClient::HoldsLock);
  serve(user::kGetSession, &LockClient::GetSession);
  serve(user::kEndSession, &LockClient::EndSession);
  serve(user::kNextEvents, &LockClient::NextEvents);
}

bool IsAnswer(const absl::Status& status) {
  // [solution: Say which answers are final (the comment of LockService; handout 4B, step 6).]
  switch (status.code()) {
    case absl::StatusCode::kOk:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
      return true;
    default:
      return false;
  }
  // [end]
}

bool LockClient::TakeNumber(Asked& asked, Call& call) {
  // [solution: Number the operation, once; say which answers you have (the comment of Call; handout
  // 4B, step 6). False: too many are under way.]
  if (asked.number == kNumberWanted) {
    if (!numbers_.empty() && next_number_ - *numbers_.begin() >= kWindow) return false;
    asked.number = next_number_++;
    numbers_.insert(asked.number);
  }
  call.set_number(asked.number);
  call.set_answered_below(*numbers_.begin());
  return true;
  // [end]
}

void LockClient::FailAll(const absl::Status& status) {
  numbers_.clear();
  next_number_ = 1;
  for (auto place = asked_.begin(); place != asked_.end();) {
    if (place->second->session == 0) {
      ++place;
      continue;
    }
    const auto failed = asked_.extract(place++);
    failed.mapped()->Fail(status);
  }
  for (Unsafe& one : std::exchange(unsafe_, {})) one.fail(status);
}

void LockClient::WhenSafe(Unsafe unsafe) {
  // [solution: Answer now if the session is valid, and otherwise when it is known what becomes of
  // it (section 2.8; handout 4B, step 8).]
  if (keeper_.valid()) return unsafe.answer();
  if (keeper_.session() != 0) return unsafe_.push_back(std::move(unsafe));
  unsafe.fail(absl::UnauthenticatedError("The session has ended."));
  // [end]
}

absl::Status LockClient::CheckSession(std::uint64_t handle) {
  // [solution: Refuse a handle that this session does not have: it may be of one that has ended
  // (handout 4B, step 8).]
  if (Find(handle) != nullptr) return absl::OkStatus();
  return absl::UnauthenticatedError("The session of this handle has ended, or it is closed.");
  // [end]
}

const LockClient::OpenHandle* LockClient::Find(std::uint64_t handle) const {
  const auto found = handles_.find(handle);
  return found == handles_.end() ? nullptr : &found->second;
}

std::vector<std::string> LockClient::PathsOf(std::uint64_t handle) const {
  const OpenHandle* open = Find(handle);
  if (open == nullptr) return {};
  return {open->path, ParentOf(open->path)};
}

std::unique_ptr<Node> MakeLockClient(Env& env, const NodeConfig& config) {
  return std::make_unique<LockClient>(env, config);
}

}  // namespace quorum::lock_service
