#include "common/rpc/method_descriptor.h"

#include <algorithm>

namespace quorum {

const google::protobuf::MethodDescriptor* FindMethod(const std::string& path) {
  std::string full_name = path.substr(path.empty() ? 0 : 1);
  std::replace(full_name.begin(), full_name.end(), '/', '.');
  return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(full_name);
}

}  // namespace quorum
