#include "common/node/testing/tcp_socket.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "common/env/check.h"

namespace quorum::testing {
namespace {

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

FileDescriptor MakeSocket() {
  FileDescriptor made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  Check(made.get() >= 0, "A socket can be made.");
  return made;
}

}  // namespace

FileDescriptor ListenOn(std::uint16_t port) {
  FileDescriptor made = MakeSocket();
  const sockaddr_in address = Loopback(port);
  if (::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(made.get(), SOMAXCONN) != 0) {
    return FileDescriptor();
  }
  return made;
}

std::uint16_t PortOf(const FileDescriptor& socket) {
  sockaddr_in address = {};
  socklen_t size = sizeof address;
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

FileDescriptor ConnectTo(const std::string& address) {
  FileDescriptor made = MakeSocket();
  const int at_once = 1;
  ::setsockopt(made.get(), IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
  const std::string port = address.substr(address.rfind(':') + 1);
  const sockaddr_in to = Loopback(static_cast<std::uint16_t>(std::stoi(port)));
  const int done = ::connect(made.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
  return done == 0 || errno == EINPROGRESS ? std::move(made) : FileDescriptor();
}

}  // namespace quorum::testing
