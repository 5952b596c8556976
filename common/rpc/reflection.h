#pragma once

#include <memory>
#include <set>
#include <string>

#include "common/rpc/reflection.pb.h"

namespace quorum {

inline constexpr const char* kReflectionService = "grpc.reflection.v1alpha.ServerReflection";
inline constexpr const char* kReflectionPath =
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

/// Answers one question about the `services` of a server from the .proto files that are linked into
/// this program, those of loaded modules included.
grpc::reflection::v1alpha::ServerReflectionResponse AnswerReflection(
    const grpc::reflection::v1alpha::ServerReflectionRequest& request,
    const std::set<std::string>& services);

}  // namespace quorum
