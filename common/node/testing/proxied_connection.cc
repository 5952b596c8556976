#include "common/node/testing/proxied_connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace quorum::testing {
namespace {

/// As much as a link holds; a faster sender waits.
constexpr std::size_t kMostHeld = 4 << 20;

bool WouldBlock() { return errno == EAGAIN; }

}  // namespace

ProxiedConnection::ProxiedConnection(FileDescriptor caller, FileDescriptor target)
    : caller_(std::move(caller)), target_(std::move(target)) {}

void ProxiedConnection::Carry(const LinkState& state, Time now) {
  if (!state.forth_cut) CarryHalf(forth_, caller_.get(), target_.get(), state.delay, now);
  if (!state.back_cut) CarryHalf(back_, target_.get(), caller_.get(), state.delay, now);
}

void ProxiedConnection::CarryHalf(Half& half, int from, int to, Duration delay, Time now) {
  Read(half, from, now + delay);
  Write(half, to, now);
}

void ProxiedConnection::Read(Half& half, int from, Time due) {
  char bytes[16 << 10];
  while (!half.ended && half.held < kMostHeld) {
    const ssize_t count = ::recv(from, bytes, sizeof bytes, 0);
    if (count < 0) {
      if (!WouldBlock()) broken_ = true;
      return;
    }
    if (count == 0) half.ended = true;
    half.chunks.push_back({due, std::string(bytes, static_cast<std::size_t>(count))});
    half.held += static_cast<std::size_t>(count);
  }
}

void ProxiedConnection::Write(Half& half, int to, Time now) {
  while (!half.chunks.empty() && half.chunks.front().due <= now) {
    std::string& bytes = half.chunks.front().bytes;
    if (bytes.empty()) {  // the end
      ::shutdown(to, SHUT_WR);
      half.passed_end = true;
      half.chunks.pop_front();
      continue;
    }
    const ssize_t count = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0) {
      if (!WouldBlock()) broken_ = true;
      return;
    }
    half.held -= static_cast<std::size_t>(count);
    bytes.erase(0, static_cast<std::size_t>(count));
    if (bytes.empty()) half.chunks.pop_front();
  }
}

short ProxiedConnection::EventsOf(const Half& incoming, bool incoming_cut, const Half& outgoing,
                                  bool outgoing_cut, Time now) {
  short events = 0;
  if (!incoming_cut && !incoming.ended && incoming.held < kMostHeld) events |= POLLIN;
  const bool due = !outgoing.chunks.empty() && outgoing.chunks.front().due <= now;
  if (!outgoing_cut && due) events |= POLLOUT;
  return events;
}

void ProxiedConnection::AddWaiting(const LinkState& state, Time now,
                                   std::vector<pollfd>& waiting) const {
  const short of_caller = EventsOf(forth_, state.forth_cut, back_, state.back_cut, now);
  const short of_target = EventsOf(back_, state.back_cut, forth_, state.forth_cut, now);
  // A socket that nothing is wanted of is left out: that it is closed shows when it is used again.
  if (of_caller != 0) waiting.push_back({caller_.get(), of_caller, 0});
  if (of_target != 0) waiting.push_back({target_.get(), of_target, 0});
}

Time ProxiedConnection::NextDue(const LinkState& state, Time now) const {
  Time next = Time::max();
  const auto consider = [&](const Half& half, bool cut) {
    if (cut || half.chunks.empty() || half.chunks.front().due <= now) return;
    next = std::min(next, half.chunks.front().due);
  };
  consider(forth_, state.forth_cut);
  consider(back_, state.back_cut);
  return next;
}

}  // namespace quorum::testing
