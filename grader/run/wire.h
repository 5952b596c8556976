#pragma once

#include <google/protobuf/message_lite.h>

namespace quorum::run {

/// Writes `message` with its length before it. False when the other end is gone.
bool SendMessage(int socket, const google::protobuf::MessageLite& message);

/// Reads one whole message, waiting for it. False when the other end is gone or sent nonsense.
bool ReceiveMessage(int socket, google::protobuf::MessageLite& message);

}  // namespace quorum::run
