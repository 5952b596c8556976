#include "grader/report/diagram/contents.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "common/rpc/method_descriptor.h"
#include "common/storage/stored.pb.h"
#include "grader/report/diagram/short_text.h"

namespace quorum::report {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;

constexpr std::size_t kKeyShown = 40;

std::string Decoded(const Descriptor* type, std::string_view bytes, bool verdicts = false) {
  const std::unique_ptr<google::protobuf::Message> message(
      MessageFactory::generated_factory()->GetPrototype(type)->New());
  if (!message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return fmt::format("{} bytes that are no {}", bytes.size(), type->name());
  }
  return ShortText(*message, verdicts);
}

/// A number with leading zeros at the end of a key, which keeps keys in order, without them:
/// "raft/entry/..7".
std::string WithoutZeros(const std::string& key) {
  constexpr std::size_t kWorthIt = 4;
  const std::size_t number = key.find_last_not_of("0123456789") + 1;
  const std::size_t first = std::min(key.find_first_not_of('0', number), key.size() - 1);
  if (number >= key.size() || first < number + kWorthIt) return key;
  return key.substr(0, number) + ".." + key.substr(first);
}

}  // namespace

Contents::Contents(const std::vector<std::string>& methods) {
  for (const std::string& path : methods) {
    const MethodDescriptor* method = FindMethod(path);
    if (method == nullptr) continue;
    const FileDescriptor* file = method->service()->file();
    for (int index = 0; index < file->message_type_count(); ++index) {
      const Descriptor* type = file->message_type(index);
      for (int key = 0; key < type->options().ExtensionSize(stored_at); ++key) {
        std::string name = type->options().GetExtension(stored_at, key);
        if (name.ends_with('*')) {
          name.pop_back();
          prefixes_[name] = type;
        } else {
          keys_[name] = type;
        }
      }
    }
  }
}

std::string Contents::Message(const std::string& path, bool is_response,
                              std::string_view payload) const {
  const MethodDescriptor* method = FindMethod(path);
  if (method == nullptr) return ShortTextOfBytes(payload);
  return Decoded(is_response ? method->output_type() : method->input_type(), payload, is_response);
}

Contents::Type Contents::TypeAt(const std::string& key) const {
  if (const auto found = keys_.find(key); found != keys_.end()) return found->second;
  Type longest = nullptr;
  std::size_t length = 0;
  for (const auto& [prefix, type] : prefixes_) {
    if (!key.starts_with(prefix) || prefix.size() < length) continue;
    longest = type;
    length = prefix.size();
  }
  return longest;
}

std::string Contents::Batch(const WriteBatch& batch) const {
  std::vector<std::string> changes;
  for (const WriteBatch::Change& change : batch.changes()) {
    const std::string key = absl::CHexEscape(WithoutZeros(change.key)).substr(0, kKeyShown);
    if (!change.value) {
      changes.push_back(fmt::format("{} deleted", key));
    } else if (const Type type = TypeAt(change.key)) {
      changes.push_back(fmt::format("{}=({})", key, Decoded(type, *change.value)));
    } else {
      changes.push_back(fmt::format("{}={}", key, ShortTextOfBytes(*change.value)));
    }
  }
  return fmt::format("{}", fmt::join(changes, "  "));
}

std::string ShortName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace quorum::report
