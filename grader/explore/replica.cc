#include "grader/explore/replica.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "grader/explore/process.h"
#include "grader/sim/flight_recorder.h"
#include "grader/sim/handler_ended.h"

namespace quorum::explore {
namespace {

using sim::Failure;
using sim::HandlerEnded;
using sim::HandlerKind;

constexpr std::int64_t kHour = 3'600'000'000'000;
constexpr std::int64_t kEventTakes = 1'000;
constexpr std::int64_t kRestartTakes = 1'000'000;
constexpr std::uint32_t kMostEffects = 2'000;  // of one event
constexpr int kMostHandlers = 200;             // of one event: timers, and calls that fail before

constexpr char kBounded[] =
    "A node sends a bounded number of messages and sets a bounded number of timers.";

/// Thrown out of a handler that would go on for ever.
struct Unbounded {};

Failure FailureOf(const HandlerEnded& ended) {
  const bool stub = ended.kind == Failure::Kind::kNotWritten;
  return {.kind = ended.kind,
          .name = stub ? "node.not-written" : "node.check",
          .sentence = ended.sentence,
          .source = ended.place()};
}

Failure ExceptionOf(std::string_view what) {
  return {.kind = Failure::Kind::kException,
          .name = "node.exception",
          .sentence = "No exception leaves a handler.",
          .detail = "It threw: " + std::string(what)};
}

Failure UnboundedFailure() {
  return {.kind = Failure::Kind::kBudget,
          .name = "node.budget",
          .sentence = kBounded,
          .detail = "One event made it send, write or call back without end."};
}

}  // namespace

Replica::Replica(NodeFactory factory, const NodeConfig& config, MessageTable& messages)
    : factory_(factory),
      config_(config),
      messages_(messages),
      // Every node's clock shows something else.
      clock_(kHour * (1 + static_cast<std::int64_t>(config.self()))) {}

Replica::~Replica() {
  if (process_ != nullptr) process_->Die();
  Bury();
}

StepResult Replica::Boot() {
  result_ = {};
  StartProcess();
  FireAtOnce();
  return Finish();
}

StepResult Replica::Run(const Event& event) {
  result_ = {};
  cut_ = event.cut;
  made_ = 0;
  clock_ += kEventTakes;
  switch (event.kind) {
    case Event::Kind::kDeliver:
      Deliver(event.message);
      break;
    case Event::Kind::kAdvance:
      Advance();
      break;
    case Event::Kind::kTimeout:
      if (const std::uint32_t call = NextCall(); call != 0) FailCall(call);
      break;
    case Event::Kind::kCrash:
      break;
  }
  FireAtOnce();
  result_.unsynced.push_back(Unsynced());
  if (event.crashes() && !result_.failure) CrashAndBoot(event.kept);
  return Finish();
}

StepResult Replica::Finish() {
  for (const auto& [call, open] : calls_) result_.open_calls.push_back(call);
  const std::uint64_t timer = NextTimer();
  const std::uint32_t call = NextCall();
  result_.has_timer = timer != 0;
  result_.call_is_next = call != 0 && (timer == 0 || calls_.at(call).due < timers_.at(timer).due);
  result_.unsynced_left = Unsynced();
  return std::move(result_);
}

void Replica::Deliver(std::uint32_t number) {
  const Message& message = messages_[number];
  if (message.is_response) return DeliverResponse(message);
  const std::int64_t deadline = clock_ + message.timeout.count();
  auto* const handler = process_->FindHandler(message.method);
  if (handler == nullptr) {
    return Respond({number, deadline, clock_},
                   absl::UnimplementedError("The node does not serve this method."), {});
  }
  const std::uint64_t id = ++tickets_;
  inbound_.emplace(id, Inbound{number, deadline, clock_});
  const auto kind = message.from == 0 ? HandlerKind::kOperation : HandlerKind::kRequest;
  Guard(kind, message.method, [&] { (*handler)(message.payload, id); });
}

void Replica::DeliverResponse(const Message& message) {
  const auto found = calls_.find(message.call);
  if (found == calls_.end()) return;
  auto done = std::move(found->second.done);
  calls_.erase(found);
  Guard(HandlerKind::kResponse, message.method, [&] { done(message.status, message.payload); });
}

void Replica::Advance() {
  int fired = 0;
  for (int handlers = 0; handlers < kMostHandlers; ++handlers) {
    const std::uint64_t timer = NextTimer();
    if (timer == 0 || process_->dead() || result_.failure) return;
    const std::uint32_t call = NextCall();
    if (call != 0 && calls_.at(call).due < timers_.at(timer).due) {
      FailCall(call);
      continue;
    }
    FireTimer(timer);
    ++fired;
    // A node that only looks around has done nothing that anybody could tell from its absence.
    if (made_ > 0) return;
  }
  if (fired == 0) result_.failure = UnboundedFailure();
}

void Replica::FireAtOnce() {
  for (int handlers = 0; handlers < kMostHandlers; ++handlers) {
    const auto next = std::find_if(timers_.begin(), timers_.end(),
                                   [](const auto& timer) { return timer.second.at_once; });
    if (next == timers_.end() || process_->dead() || result_.failure) return;
    FireTimer(next->first);
  }
  result_.failure = UnboundedFailure();
}

void Replica::FireTimer(std::uint64_t id) {
  PendingTimer& timer = timers_.at(id);
  clock_ = std::max(clock_, timer.due);
  auto fire = std::move(timer.fire);
  timers_.erase(id);
  Guard(HandlerKind::kTimer, 0, [&] { fire(); });
}

void Replica::FailCall(std::uint32_t call) {
  OpenCall& open = calls_.at(call);
  clock_ = std::max(clock_, open.due);
  const std::uint16_t method = open.method;
  auto done = std::move(open.done);
  calls_.erase(call);
  Guard(HandlerKind::kTimeout, method,
        [&] { done(absl::DeadlineExceededError("No answer came in time."), std::string_view()); });
}

std::uint64_t Replica::NextTimer() const {
  const auto next = std::min_element(timers_.begin(), timers_.end(),
                                     [](auto& a, auto& b) { return a.second.due < b.second.due; });
  return next == timers_.end() ? 0 : next->first;
}

std::uint32_t Replica::NextCall() const {
  const auto next = std::min_element(calls_.begin(), calls_.end(),
                                     [](auto& a, auto& b) { return a.second.due < b.second.due; });
  return next == calls_.end() ? 0 : next->first;
}

void Replica::CrashAndBoot(std::uint8_t kept) {
  process_->Die();
  Note({.kind = Effect::Kind::kCrashed});
  for (const auto& [id, inbound] : inbound_) {
    Respond(inbound, absl::UnavailableError("The peer died."), {});
  }
  disk_.MakeDurable(disk_.durable_write() + kept, [&](const WriteBatch& survived) {
    Note({.kind = Effect::Kind::kDurable, .batch = survived});
  });
  disk_.LoseUnsynced();
  Bury();
  clock_ += kRestartTakes;
  cut_ = Event::kWhole;
  const std::vector<std::uint8_t> before_crash = std::move(result_.unsynced);
  StartProcess();
  FireAtOnce();
  result_.unsynced = before_crash;
}

void Replica::StartProcess() {
  config_.set_first_boot(!synced_before_);
  process_ = std::make_unique<Process>(*this, ++boots_);
  Guard(HandlerKind::kBoot, 0, [&] { process_->Own(factory_(*process_, config_)); });
}

void Replica::Bury() {
  flight::EnterHandler(config_.self(), sim::HandlerName(HandlerKind::kDestroy, {}));
  // Closures may own timers and responders; the process is dead, so they find nothing to do.
  calls_.clear();
  timers_.clear();
  inbound_.clear();
  process_.reset();
  flight::LeaveHandler();
}

void Replica::Respond(const Inbound& inbound, const absl::Status& status,
                      std::string_view payload) {
  const Message& request = messages_[inbound.request];
  const std::uint32_t message = messages_.Number({.from = config_.self(),
                                                  .to = request.from,
                                                  .method = request.method,
                                                  .is_response = true,
                                                  .call = request.call,
                                                  .request = inbound.request,
                                                  .status = status,
                                                  .payload = std::string(payload)});
  Note({.kind = Effect::Kind::kSent, .message = message, .arrived = inbound.arrived});
}

void Replica::Guard(HandlerKind kind, std::uint16_t method, absl::FunctionRef<void()> body) {
  const bool about_method = kind != HandlerKind::kTimer && kind != HandlerKind::kBoot;
  const char* const what =
      sim::HandlerName(kind, about_method ? messages_.PathOf(method) : std::string_view());
  flight::EnterHandler(config_.self(), what);
  std::optional<Failure> failure;
  try {
    body();
  } catch (const HandlerEnded& ended) {
    failure = FailureOf(ended);
  } catch (const Unbounded&) {
    failure = UnboundedFailure();
  } catch (const std::exception& exception) {
    failure = ExceptionOf(exception.what());
  } catch (...) {
    failure = ExceptionOf("an object that is not a std::exception");
  }
  flight::LeaveHandler();
  // What a node does after its death is no one's business.
  if (!failure || process_->dead()) return;
  failure->node = config_.self();
  failure->handler = what;
  result_.failure = std::move(failure);
}

bool Replica::MayTakeEffect() {
  if (process_->dead()) return false;
  if (made_ == cut_) {
    process_->Die();
    return false;
  }
  result_.unsynced.push_back(Unsynced());
  if (++made_ > kMostEffects) throw Unbounded();
  return true;
}

}  // namespace quorum::explore
