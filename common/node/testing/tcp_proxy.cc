#include "common/node/testing/tcp_proxy.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "common/env/real/clock.h"
#include "common/node/testing/tcp_socket.h"

namespace quorum::testing {

TcpProxy::TcpProxy(std::string target)
    : target_(std::move(target)),
      listener_(ListenOn(0)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { Run(); }) {}

TcpProxy::~TcpProxy() {
  stopped_ = true;
  ::eventfd_write(wake_.get(), 1);
  thread_.join();
}

std::string TcpProxy::address() const { return "127.0.0.1:" + std::to_string(PortOf(listener_)); }

void TcpProxy::Set(LinkState state) {
  {
    std::lock_guard lock(mutex_);
    state_ = state;
  }
  ::eventfd_write(wake_.get(), 1);
}

void TcpProxy::Run() {
  while (!stopped_) {
    LinkState state;
    {
      std::lock_guard lock(mutex_);
      state = state_;
    }
    const Time now = MonotonicNow();
    Accept();
    for (ProxiedConnection& connection : connections_) connection.Carry(state, now);
    connections_.remove_if([](const ProxiedConnection& each) { return each.over(); });
    Await(state, now);
  }
}

void TcpProxy::Accept() {
  for (;;) {
    FileDescriptor caller(
        ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (caller.get() < 0) return;
    FileDescriptor target = ConnectTo(target_);
    if (target.get() < 0) continue;  // and the caller's end is closed
    connections_.emplace_back(std::move(caller), std::move(target));
  }
}

void TcpProxy::Await(const LinkState& state, Time now) {
  std::vector<pollfd> waiting = {{.fd = listener_.get(), .events = POLLIN, .revents = 0},
                                 {.fd = wake_.get(), .events = POLLIN, .revents = 0}};
  Time next = Time::max();
  for (const ProxiedConnection& connection : connections_) {
    connection.AddWaiting(state, now, waiting);
    next = std::min(next, connection.NextDue(state, now));
  }
  int patience = -1;
  if (next != Time::max()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now);
    patience = static_cast<int>(left.count());
  }
  ::poll(waiting.data(), waiting.size(), patience);
  eventfd_t ignored = 0;
  ::eventfd_read(wake_.get(), &ignored);
}

}  // namespace quorum::testing
