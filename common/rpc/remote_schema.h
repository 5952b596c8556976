#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor_database.h>
#include <google/protobuf/util/type_resolver.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/transport.h"

namespace quorum {

/// The services and message types of a running server, as its reflection service describes them:
/// for tools that know no lab.
class RemoteSchema {
 public:
  /// `transport` outlives this object; every question to the server may take `timeout`.
  RemoteSchema(Transport& transport, NodeId peer, Duration timeout);

  /// The full names of the services that the server offers.
  absl::StatusOr<std::vector<std::string>> Services();

  /// The methods of a service, as "/package.Service/Method".
  absl::StatusOr<std::vector<std::string>> MethodsOf(const std::string& service);

  /// The unary method `path`. INVALID_ARGUMENT: there is none; other codes: the server cannot say.
  absl::StatusOr<const google::protobuf::MethodDescriptor*> FindMethod(const std::string& path);

  /// The request of `method` that `json` stands for, in wire format. The error is a sentence.
  absl::StatusOr<std::string> Encode(const google::protobuf::MethodDescriptor& method,
                                     const std::string& json);

  /// A response of `method` as JSON, every field named as in the .proto, also those that are zero.
  absl::StatusOr<std::string> Decode(const google::protobuf::MethodDescriptor& method,
                                     const std::string& bytes);

 private:
  absl::StatusOr<const google::protobuf::ServiceDescriptor*> FindService(const std::string& name);
  absl::Status AddFiles(const std::string& symbol, const std::string& file);

  Transport& transport_;
  const NodeId peer_;
  const Duration timeout_;
  google::protobuf::SimpleDescriptorDatabase database_;
  google::protobuf::DescriptorPool pool_{&database_};
  std::unique_ptr<google::protobuf::util::TypeResolver> types_;
};

}  // namespace quorum
