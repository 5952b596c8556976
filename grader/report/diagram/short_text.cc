#include "grader/report/diagram/short_text.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <vector>

#include "absl/strings/escaping.h"
#include "common/storage/stored.pb.h"

namespace quorum::report {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

constexpr std::size_t kStringShown = 24;
constexpr int kElementsShown = 4;

/// `bytes` that need not be UTF-8, as text that is.
std::string Quoted(std::string_view bytes) {
  const bool cut = bytes.size() > kStringShown;
  const std::string shown(bytes.substr(0, cut ? kStringShown - 3 : bytes.size()));
  return '"' + absl::CEscape(shown) + (cut ? "...\"" : "\"");
}

std::string QuotedText(const std::string& text) {
  if (text.size() > kStringShown) return Quoted(text);  // the cut may be within a character
  return '"' + absl::Utf8SafeCEscape(text) + '"';
}

/// A field of bytes: as a string when they can be read as one, as the fields of a message when it
/// is surely one, and else escaped.
std::string BytesText(const std::string& bytes) {
  const std::string text = ShortTextOfBytes(bytes);
  return text.starts_with('{') && text.size() > 2 ? text : Quoted(bytes);
}

/// Element `index` of a repeated field, or (-1) the value of a single one.
std::string ValueText(const Message& message, const FieldDescriptor* field, int index) {
  const Reflection& reflection = *message.GetReflection();
  const bool one = index < 0;
  const auto pick = [&](auto single, auto element) {
    return one ? (reflection.*single)(message, field)
               : (reflection.*element)(message, field, index);
  };
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return fmt::to_string(pick(&Reflection::GetInt32, &Reflection::GetRepeatedInt32));
    case FieldDescriptor::CPPTYPE_INT64:
      return fmt::to_string(pick(&Reflection::GetInt64, &Reflection::GetRepeatedInt64));
    case FieldDescriptor::CPPTYPE_UINT32:
      return fmt::to_string(pick(&Reflection::GetUInt32, &Reflection::GetRepeatedUInt32));
    case FieldDescriptor::CPPTYPE_UINT64:
      return fmt::to_string(pick(&Reflection::GetUInt64, &Reflection::GetRepeatedUInt64));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return fmt::to_string(pick(&Reflection::GetDouble, &Reflection::GetRepeatedDouble));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return fmt::to_string(pick(&Reflection::GetFloat, &Reflection::GetRepeatedFloat));
    case FieldDescriptor::CPPTYPE_BOOL:
      return fmt::to_string(pick(&Reflection::GetBool, &Reflection::GetRepeatedBool));
    case FieldDescriptor::CPPTYPE_ENUM:
      return pick(&Reflection::GetEnum, &Reflection::GetRepeatedEnum)->name();
    case FieldDescriptor::CPPTYPE_STRING:
      return field->type() == FieldDescriptor::TYPE_BYTES
                 ? BytesText(pick(&Reflection::GetString, &Reflection::GetRepeatedString))
                 : QuotedText(pick(&Reflection::GetString, &Reflection::GetRepeatedString));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ShortText(one ? reflection.GetMessage(message, field)
                           : reflection.GetRepeatedMessage(message, field, index));
  }
  return "";
}

/// Whether messages of this type have one thing to show: elements of a list then need no name for
/// it.
bool HasOneDrawnField(const google::protobuf::Descriptor& type) {
  int drawn = 0;
  for (int index = 0; index < type.field_count(); ++index) {
    if (!type.field(index)->options().GetExtension(undrawn)) ++drawn;
  }
  return drawn == 1 && drawn < type.field_count() && !type.field(0)->is_repeated();
}

std::string FieldText(const Message& message, const FieldDescriptor* field) {
  const bool nested = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  if (!field->is_repeated()) {
    const std::string value = ValueText(message, field, -1);
    return nested ? fmt::format("{}{{{}}}", field->name(), value)
                  : fmt::format("{}={}", field->name(), value);
  }
  const int size = message.GetReflection()->FieldSize(message, field);
  std::vector<std::string> shown;
  for (int index = 0; index < std::min(size, kElementsShown); ++index) {
    const std::string value = ValueText(message, field, index);
    if (nested && HasOneDrawnField(*field->message_type())) {
      shown.push_back(value.substr(value.find('=') + 1));
    } else {
      shown.push_back(nested ? fmt::format("{{{}}}", value) : value);
    }
  }
  if (size > kElementsShown) shown.push_back(fmt::format("... {} in all", size));
  return fmt::format("{}=[{}]", field->name(), fmt::join(shown, " "));
}

std::string UnknownText(const UnknownFieldSet& fields);

std::string UnknownText(const UnknownField& field) {
  switch (field.type()) {
    case UnknownField::TYPE_VARINT:
      return fmt::format("{}={}", field.number(), field.varint());
    case UnknownField::TYPE_FIXED32:
      return fmt::format("{}={}", field.number(), field.fixed32());
    case UnknownField::TYPE_FIXED64:
      return fmt::format("{}={}", field.number(), field.fixed64());
    case UnknownField::TYPE_LENGTH_DELIMITED:
      return fmt::format("{}={}", field.number(), ShortTextOfBytes(field.length_delimited()));
    case UnknownField::TYPE_GROUP:
      return fmt::format("{}={{{}}}", field.number(), UnknownText(field.group()));
  }
  return "";
}

std::string UnknownText(const UnknownFieldSet& fields) {
  std::vector<std::string> shown;
  for (int index = 0; index < std::min(fields.field_count(), kElementsShown); ++index) {
    shown.push_back(UnknownText(fields.field(index)));
  }
  if (fields.field_count() > kElementsShown) shown.emplace_back("...");
  return fmt::format("{}", fmt::join(shown, " "));
}

}  // namespace

std::string ShortText(const Message& message, bool verdicts) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<std::string> shown;
  for (int index = 0; index < message.GetDescriptor()->field_count(); ++index) {
    const FieldDescriptor* field = message.GetDescriptor()->field(index);
    if (field->options().GetExtension(undrawn)) continue;
    const bool set = field->is_repeated() ? reflection.FieldSize(message, field) > 0
                                          : reflection.HasField(message, field);
    const bool verdict =
        verdicts && !field->is_repeated() && field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL;
    if (set || verdict) shown.push_back(FieldText(message, field));
  }
  return fmt::format("{}", fmt::join(shown, " "));
}

std::string ShortTextOfBytes(std::string_view bytes) {
  const bool readable =
      std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte >= ' ' && byte <= '~'; });
  if (readable) return Quoted(bytes);
  UnknownFieldSet fields;
  if (fields.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return fmt::format("{{{}}}", UnknownText(fields));
  }
  return fmt::format("<{} bytes>", bytes.size());
}

}  // namespace quorum::report
