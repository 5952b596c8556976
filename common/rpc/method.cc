#include "common/rpc/method.h"

#include <string>

#include "common/env/check.h"
#include "common/rpc/method_descriptor.h"

namespace quorum {

void CheckMethodExists(const MethodName& name) {
  const std::string path = name.path;
  const google::protobuf::MethodDescriptor* method = FindMethod(path);
  if (method == nullptr) {
    CheckFailed("The method " + path + " is an rpc of a linked .proto.", SourcePlace::Here());
  }
  const bool same_types = method->input_type()->full_name() == name.request_type &&
                          method->output_type()->full_name() == name.response_type &&
                          !method->client_streaming() && !method->server_streaming();
  if (!same_types) {
    CheckFailed("The method " + path + " takes " + name.request_type + " and answers " +
                    name.response_type + "; its .proto says " + method->input_type()->full_name() +
                    " and " + method->output_type()->full_name() + ".",
                SourcePlace::Here());
  }
}

}  // namespace quorum
