#include "common/node/testing/free_address.h"

#include <random>

#include "common/node/testing/tcp_socket.h"

namespace quorum::testing {

std::string FreeAddress() {
  std::random_device random;
  for (;;) {
    const auto port = static_cast<std::uint16_t>(10000 + random() % 20000);
    if (ListenOn(port).get() >= 0) return "127.0.0.1:" + std::to_string(port);
  }
}

}  // namespace quorum::testing
