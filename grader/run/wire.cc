#include "grader/run/wire.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace quorum::run {
namespace {

bool SendAll(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    // No SIGPIPE: that the other end is gone is an answer, not the end of this process.
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool ReceiveAll(int socket, char* to, std::size_t size) {
  while (size > 0) {
    const ssize_t received = recv(socket, to, size, 0);
    if (received < 0 && errno == EINTR) continue;
    if (received <= 0) return false;
    to += received;
    size -= static_cast<std::size_t>(received);
  }
  return true;
}

}  // namespace

bool SendMessage(int socket, const google::protobuf::MessageLite& message) {
  std::string bytes(sizeof(std::uint32_t), '\0');
  if (!message.AppendToString(&bytes)) return false;
  const auto size = static_cast<std::uint32_t>(bytes.size() - sizeof(std::uint32_t));
  std::memcpy(bytes.data(), &size, sizeof(size));
  return SendAll(socket, bytes);
}

bool ReceiveMessage(int socket, google::protobuf::MessageLite& message) {
  std::uint32_t size = 0;
  if (!ReceiveAll(socket, reinterpret_cast<char*>(&size), sizeof(size))) return false;
  std::string bytes(size, '\0');
  return ReceiveAll(socket, bytes.data(), size) && message.ParseFromString(bytes);
}

}  // namespace quorum::run
