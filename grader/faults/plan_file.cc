#include "grader/faults/plan_file.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace quorum::faults {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// What a run can bear: an hour of virtual time, and node ids that index tables.
constexpr std::int64_t kLongest = 3'600'000'000'000;
constexpr std::uint32_t kMostNodes = 10'000;
constexpr std::uint32_t kMillion = 1'000'000;

/// Keeps the first thing that the parser complains about.
class FirstError final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (text_.empty()) text_ = absl::StrCat("line ", line + 1, ": ", message);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

absl::Status OutOfRange(const FieldDescriptor& field, std::int64_t value, std::string_view range) {
  return absl::InvalidArgumentError(absl::StrCat("the field ", field.name(), " is ", value,
                                                 ", which is not ", std::string(range)));
}

absl::Status CheckInt64(const FieldDescriptor& field, std::int64_t value) {
  if (field.name() == "jump_ns") {  // the one time that may run backwards
    if (value >= -kLongest && value <= kLongest) return absl::OkStatus();
    return OutOfRange(field, value, "within an hour");
  }
  if (field.name().ends_with("_ns") && (value < 0 || value > kLongest)) {
    return OutOfRange(field, value, "from 0 to an hour");
  }
  if (value < 0) return OutOfRange(field, value, "positive");
  return absl::OkStatus();
}

absl::Status CheckUInt32(const FieldDescriptor& field, std::uint32_t value) {
  const std::string& name = field.name();
  if (name == "node" || name == "from" || name == "to") {
    if (value == 0 || value > kMostNodes) return OutOfRange(field, value, "a node");
  }
  if (name.ends_with("_ppm") && value > kMillion) {
    return OutOfRange(field, value, "from 0 to a million");
  }
  return absl::OkStatus();
}

absl::Status CheckFields(const Message& message);

absl::Status CheckField(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& reflection = *message.GetReflection();
  const bool one = !field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT64:
      return CheckInt64(field, reflection.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_INT32: {
      const std::int32_t value = reflection.GetInt32(message, &field);
      const bool fits = value > -static_cast<std::int32_t>(kMillion) && value <= 10'000'000;
      return fits ? absl::OkStatus() : OutOfRange(field, value, "a rate that a clock can have");
    }
    case FieldDescriptor::CPPTYPE_UINT32:
      return CheckUInt32(field, one ? reflection.GetUInt32(message, &field)
                                    : reflection.GetRepeatedUInt32(message, &field, index));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return CheckFields(one ? reflection.GetMessage(message, &field)
                             : reflection.GetRepeatedMessage(message, &field, index));
    default:
      return absl::OkStatus();
  }
}

absl::Status CheckFields(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int size = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 1;
    for (int index = 0; index < size; ++index) {
      if (absl::Status checked = CheckField(message, *field, index); !checked.ok()) return checked;
    }
  }
  return absl::OkStatus();
}

/// What must be set although its default is legal elsewhere.
absl::Status CheckNodesAreNamed(const Plan& plan) {
  for (const MessageFault& fault : plan.message_faults()) {
    if (fault.from() == 0 || fault.to() == 0) {
      return absl::InvalidArgumentError("a fault of a single message does not name its link");
    }
  }
  for (const Fault& fault : plan.faults()) {
    const bool named =
        fault.has_partition() ||
        (fault.has_link() && fault.link().from() > 0 && fault.link().to() > 0) ||
        fault.crash().node() + fault.pause().node() + fault.disk().node() + fault.clock().node() >
            0;
    if (!named) return absl::InvalidArgumentError("a fault does not say what it hits");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckPlan(const Plan& plan) {
  if (plan.scenario().empty()) {
    return absl::InvalidArgumentError("it names no scenario");
  }
  if (absl::Status checked = CheckFields(plan); !checked.ok()) return checked;
  return CheckNodesAreNamed(plan);
}

absl::Status SavePlan(const std::string& path, const Plan& plan, const std::string& comment) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  std::ofstream file(path, std::ios::trunc);
  for (const auto& line : absl::StrSplit(comment, '\n')) file << "# " << line << "\n";
  std::string text;
  google::protobuf::TextFormat::PrintToString(plan, &text);
  file << text;
  file.close();
  if (file) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("The file ", path, " cannot be written."));
}

absl::StatusOr<Plan> ParsePlan(const std::string& text, const std::string& name) {
  Plan plan;
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.SetRecursionLimit(20);
  if (!parser.ParseFromString(text, &plan)) {
    return absl::InvalidArgumentError(absl::StrCat(name, " is not a plan: ", error.text()));
  }
  if (const absl::Status checked = CheckPlan(plan); !checked.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, " is not a plan that can be played: ", std::string(checked.message()), "."));
  }
  return plan;
}

absl::StatusOr<Plan> LoadPlan(const std::string& path) {
  std::error_code ignored;
  std::ifstream file(path, std::ios::binary);
  if (!std::filesystem::is_regular_file(path, ignored) || !file) {
    return absl::NotFoundError(absl::StrCat("There is no file ", path, " that can be read."));
  }
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return ParsePlan(text, path);
}

}  // namespace quorum::faults
