#include "common/node/testing/http_get.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "common/node/testing/tcp_socket.h"

namespace quorum::testing {

std::string AskOverTcp(const std::string& address, const std::string& request) {
  const FileDescriptor socket = ConnectTo(address);
  pollfd ready = {.fd = socket.get(), .events = POLLOUT, .revents = 0};
  ::poll(&ready, 1, 5000);
  if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return "";
  std::string answer;
  for (ready.events = POLLIN; ::poll(&ready, 1, 5000) > 0;) {
    char bytes[16 << 10];
    const ssize_t count = ::recv(socket.get(), bytes, sizeof bytes, 0);
    if (count <= 0) break;
    answer.append(bytes, static_cast<std::size_t>(count));
  }
  return answer;
}

std::string HttpGet(const std::string& address, const std::string& path) {
  return AskOverTcp(address, "GET " + path + " HTTP/1.0\r\n\r\n");
}

}  // namespace quorum::testing
