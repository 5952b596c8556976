#pragma once

#include <google/protobuf/descriptor.h>

#include <string>

namespace quorum {

/// The rpc of a linked .proto whose path, "/package.Service/Method", this is; null: there is none.
const google::protobuf::MethodDescriptor* FindMethod(const std::string& path);

}  // namespace quorum
