#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/storage/write_batch.h"

namespace quorum::report {

/// Decodes what the nodes of one run send and write, through the descriptors of the .proto files
/// whose methods they call. Asks no node, and trusts none: what is no message of its type says so.
class Contents {
 public:
  /// `methods` are paths, as `Trace::methods` has them.
  explicit Contents(const std::vector<std::string>& methods);

  /// The payload of a request, or of a response, of the method at `path`, in the form of ShortText.
  std::string Message(const std::string& path, bool is_response, std::string_view payload) const;

  /// `executions=(value=3) old deleted`. A value is decoded as the message that declares to be
  /// stored at its key (common/storage/stored.proto), or else as bytes of which nothing is known.
  std::string Batch(const WriteBatch& batch) const;

 private:
  using Type = const google::protobuf::Descriptor*;

  Type TypeAt(const std::string& key) const;

  std::map<std::string, Type> keys_;
  std::map<std::string, Type> prefixes_;
};

/// "Echo" for "/quorum.echo.Echo/Echo".
std::string ShortName(const std::string& path);

}  // namespace quorum::report
