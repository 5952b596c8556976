#pragma once

#include <cstdint>
#include <string>

#include "common/storage/posix_file.h"

namespace quorum::testing {

/// A socket that listens on `port` of this machine, not blocking; a bad one: the port is taken.
/// Port 0: any.
FileDescriptor ListenOn(std::uint16_t port);

/// The port of a socket.
std::uint16_t PortOf(const FileDescriptor& socket);

/// A socket that connects to "127.0.0.1:PORT", not blocking; a bad one: nobody listens there. Also
/// later it may show that nobody does.
FileDescriptor ConnectTo(const std::string& address);

}  // namespace quorum::testing
