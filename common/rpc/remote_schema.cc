#include "common/rpc/remote_schema.h"

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/type_resolver_util.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/blocking_call.h"
#include "common/rpc/reflection.h"

namespace quorum {
namespace {

using google::protobuf::FileDescriptorProto;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;
using grpc::reflection::v1alpha::ServerReflectionRequest;
using grpc::reflection::v1alpha::ServerReflectionResponse;

constexpr const char* kTypePrefix = "type.googleapis.com";

std::string TypeUrl(const google::protobuf::Descriptor& type) {
  return absl::StrCat(kTypePrefix, "/", type.full_name());
}

/// A stream of one question and one answer looks on the wire as a unary call does.
absl::StatusOr<ServerReflectionResponse> Ask(Transport& transport, NodeId peer, Duration timeout,
                                             const ServerReflectionRequest& request) {
  const absl::StatusOr<std::string> bytes =
      CallAndWait(transport, peer, kReflectionPath, request.SerializeAsString(), timeout);
  if (!bytes.ok()) return bytes.status();
  ServerReflectionResponse response;
  if (!response.ParseFromString(*bytes)) {
    return absl::InternalError("The server's reflection service answers in another format.");
  }
  if (response.has_error_response()) {
    return absl::Status(static_cast<absl::StatusCode>(response.error_response().error_code()),
                        response.error_response().error_message());
  }
  return response;
}

}  // namespace

RemoteSchema::RemoteSchema(Transport& transport, NodeId peer, Duration timeout)
    : transport_(transport),
      peer_(peer),
      timeout_(timeout),
      types_(google::protobuf::util::NewTypeResolverForDescriptorPool(kTypePrefix, &pool_)) {}

absl::StatusOr<std::vector<std::string>> RemoteSchema::Services() {
  ServerReflectionRequest request;
  request.set_list_services("*");
  const auto response = Ask(transport_, peer_, timeout_, request);
  if (!response.ok()) return response.status();
  std::vector<std::string> names;
  for (const auto& service : response->list_services_response().service()) {
    names.push_back(service.name());
  }
  return names;
}

absl::Status RemoteSchema::AddFiles(const std::string& symbol, const std::string& file) {
  ServerReflectionRequest request;
  if (symbol.empty()) {
    request.set_file_by_filename(file);
  } else {
    request.set_file_containing_symbol(symbol);
  }
  const auto response = Ask(transport_, peer_, timeout_, request);
  if (!response.ok()) return response.status();
  std::vector<FileDescriptorProto> added;
  for (const std::string& bytes : response->file_descriptor_response().file_descriptor_proto()) {
    FileDescriptorProto known;
    FileDescriptorProto& proto = added.emplace_back();
    if (!proto.ParseFromString(bytes)) {
      return absl::InternalError("The server describes itself in another format.");
    }
    if (!database_.FindFileByName(proto.name(), &known)) database_.Add(proto);
  }
  // Our nodes send what a file imports along with it; other servers need not.
  for (const FileDescriptorProto& proto : added) {
    for (const std::string& import : proto.dependency()) {
      FileDescriptorProto known;
      if (database_.FindFileByName(import, &known)) continue;
      if (absl::Status status = AddFiles("", import); !status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<const ServiceDescriptor*> RemoteSchema::FindService(const std::string& name) {
  const absl::Status status = AddFiles(name, "");
  if (absl::IsNotFound(status)) {
    return absl::InvalidArgumentError(absl::StrCat("The node knows no service ", name, "."));
  }
  if (!status.ok()) return status;
  const ServiceDescriptor* service = pool_.FindServiceByName(name);
  if (service == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(name, " is no service."));
  }
  return service;
}

absl::StatusOr<std::vector<std::string>> RemoteSchema::MethodsOf(const std::string& service) {
  const auto found = FindService(service);
  if (!found.ok()) return found.status();
  std::vector<std::string> paths;
  paths.reserve(static_cast<std::size_t>((*found)->method_count()));
  for (int i = 0; i < (*found)->method_count(); ++i) {
    paths.push_back(absl::StrCat("/", service, "/", (*found)->method(i)->name()));
  }
  return paths;
}

absl::StatusOr<const MethodDescriptor*> RemoteSchema::FindMethod(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (path.empty() || path.front() != '/' || slash == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", path, "\" is not a method: write /package.Service/Method."));
  }
  const auto service = FindService(path.substr(1, slash - 1));
  if (!service.ok()) return service.status();
  const MethodDescriptor* method = (*service)->FindMethodByName(path.substr(slash + 1));
  if (method == nullptr || method->client_streaming() || method->server_streaming()) {
    return absl::InvalidArgumentError(absl::StrCat("The service ", (*service)->full_name(),
                                                   " has no unary method ", path.substr(slash + 1),
                                                   "."));
  }
  return method;
}

absl::StatusOr<std::string> RemoteSchema::Encode(const MethodDescriptor& method,
                                                 const std::string& json) {
  std::string bytes;
  const auto status = google::protobuf::util::JsonToBinaryString(
      types_.get(), TypeUrl(*method.input_type()), json, &bytes);
  if (status.ok()) return bytes;
  const std::string why(status.message());
  const bool about_bytes = why.find("TYPE_BYTES") != std::string::npos;
  return absl::InvalidArgumentError(
      absl::StrCat("This is not a ", method.input_type()->full_name(), " in JSON: ", why,
                   about_bytes ? "; bytes are written in base64" : ""));
}

absl::StatusOr<std::string> RemoteSchema::Decode(const MethodDescriptor& method,
                                                 const std::string& bytes) {
  google::protobuf::util::JsonPrintOptions format;
  format.add_whitespace = true;
  format.always_print_primitive_fields = true;
  format.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::BinaryToJsonString(
      types_.get(), TypeUrl(*method.output_type()), bytes, &json, format);
  if (status.ok()) return json;
  return absl::InternalError(absl::StrCat("The answer is not a ", method.output_type()->full_name(),
                                          ": ", std::string(status.message())));
}

}  // namespace quorum
