#pragma once

// Between our types and gRPC's.

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/env/time.h"

namespace quorum {

/// Trailing metadata that tells a node's own answer CANCELLED from gRPC's.
inline constexpr const char* kCancelledByNode = "quorum-cancelled-by-node";

inline grpc::ByteBuffer ToByteBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

inline std::string ToString(const grpc::ByteBuffer& buffer) {
  std::string bytes;
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

// The codes are the same numbers in both.
inline grpc::Status ToGrpc(const absl::Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

inline absl::Status FromGrpc(const grpc::Status& status) {
  return {static_cast<absl::StatusCode>(status.error_code()), status.error_message()};
}

// gRPC's monotonic clock is CLOCK_MONOTONIC, as ours is.
inline gpr_timespec ToGrpc(Time time) {
  if (time == Time::max()) return gpr_inf_future(GPR_CLOCK_MONOTONIC);
  return gpr_time_from_nanos(time.time_since_epoch().count(), GPR_CLOCK_MONOTONIC);
}

inline Time FromGrpc(gpr_timespec time) {
  const gpr_timespec monotonic = gpr_convert_clock_type(time, GPR_CLOCK_MONOTONIC);
  if (gpr_time_cmp(monotonic, gpr_inf_future(GPR_CLOCK_MONOTONIC)) == 0) return Time::max();
  return Time(std::chrono::seconds(monotonic.tv_sec) + Duration(monotonic.tv_nsec));
}

}  // namespace quorum
