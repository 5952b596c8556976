#include "grader/check/linearizability/history_json.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace quorum::check {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::pair<std::string_view, OpKind>, 4> kOps = {{
    {"get", OpKind::kGet},
    {"put", OpKind::kPut},
    {"append", OpKind::kAppend},
    {"cas", OpKind::kCas},
}};

/// Takes one line apart. Keeps the first complaint; after one, what it returns means nothing.
class LineReader {
 public:
  explicit LineReader(const std::string& line)
      : json_(Json::parse(line, nullptr, /*allow_exceptions=*/false)) {
    if (json_.is_discarded()) {
      Complain("this is not valid JSON");
    } else if (!json_.is_object()) {
      Complain("an operation must be a JSON object");
    }
  }

  Operation Read() {
    Operation op;
    op.client = Integer("client");
    op.key = Text("key");
    op.op = Op();
    op.call = Integer("call");
    if (!Field("return").is_null()) {
      op.ret = Integer("return");
    }
    if (op.op != OpKind::kGet) {
      op.value = Text("value");
    }
    if (op.op == OpKind::kCas) {
      op.expect = TextOrNull("expect");
    }
    if (op.ret.has_value()) {
      ReadResult(op);
    }
    return op;
  }

  const std::string& complaint() const { return complaint_; }

 private:
  void ReadResult(Operation& op) {
    if (*op.ret < op.call) {
      Complain(fmt::format("the operation returns at {}, before its call at {}", *op.ret, op.call));
    }
    if (op.op == OpKind::kGet) {
      op.result = TextOrNull("result");
    } else if (op.op == OpKind::kCas) {
      const Json& result = Field("result");
      if (!result.is_boolean()) {
        Complain("the \"result\" of a cas must be true or false");
      } else {
        op.swapped = result.get<bool>();
      }
    }
  }

  const Json& Field(const char* name) {
    static const Json kNull;
    if (!complaint_.empty()) {
      return kNull;
    }
    const auto found = json_.find(name);
    if (found == json_.end()) {
      Complain(fmt::format("the field \"{}\" is missing", name));
      return kNull;
    }
    return *found;
  }

  std::int64_t Integer(const char* name) {
    const Json& field = Field(name);
    const bool too_large =
        field.is_number_unsigned() && !std::in_range<std::int64_t>(field.get<std::uint64_t>());
    if (!field.is_number_integer() || too_large) {
      Complain(fmt::format("\"{}\" must be an integer of 64 bits", name));
      return 0;
    }
    return field.get<std::int64_t>();
  }

  std::string Text(const char* name) {
    const Json& field = Field(name);
    if (!field.is_string()) {
      Complain(fmt::format("\"{}\" must be a string", name));
      return {};
    }
    return field.get<std::string>();
  }

  std::optional<std::string> TextOrNull(const char* name) {
    const Json& field = Field(name);
    if (field.is_null()) {
      return std::nullopt;
    }
    if (!field.is_string()) {
      Complain(fmt::format("\"{}\" must be a string, or null for an absent value", name));
      return std::nullopt;
    }
    return field.get<std::string>();
  }

  OpKind Op() {
    const std::string name = Text("op");
    for (const auto& [known, kind] : kOps) {
      if (known == name) {
        return kind;
      }
    }
    Complain(fmt::format("\"{}\" is no operation; get, put, append and cas are", name));
    return OpKind::kGet;
  }

  void Complain(std::string complaint) {
    if (complaint_.empty()) {
      complaint_ = std::move(complaint);
    }
  }

  Json json_;
  std::string complaint_;
};

absl::Status Malformed(std::size_t line, std::string_view complaint) {
  return absl::InvalidArgumentError(fmt::format("Line {}: {}.", line, complaint));
}

Json TextOrNull(const std::optional<std::string>& text) {
  return text.has_value() ? Json(*text) : Json(nullptr);
}

Json ToJson(const Operation& op) {
  Json json = {{"client", op.client}, {"key", op.key}};
  for (const auto& [name, kind] : kOps) {
    if (kind == op.op) {
      json["op"] = name;
    }
  }
  if (op.op == OpKind::kCas) {
    json["expect"] = TextOrNull(op.expect);
  }
  if (op.op != OpKind::kGet) {
    json["value"] = op.value;
  }
  if (op.ret.has_value() && op.op == OpKind::kGet) {
    json["result"] = TextOrNull(op.result);
  } else if (op.ret.has_value() && op.op == OpKind::kCas) {
    json["result"] = op.swapped;
  }
  json["call"] = op.call;
  json["return"] = op.ret.has_value() ? Json(*op.ret) : Json(nullptr);
  return json;
}

}  // namespace

absl::StatusOr<History> ReadHistory(std::istream& in, Model model) {
  History history;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) {
      continue;
    }
    LineReader reader(line);
    Operation op = reader.Read();
    if (!reader.complaint().empty()) {
      return Malformed(number, reader.complaint());
    }
    if (model == Model::kRegister && !history.empty() && history.front().key != op.key) {
      return Malformed(number, fmt::format("a register is one key, but after \"{}\" comes \"{}\"; "
                                           "the model kv has many keys",
                                           history.front().key, op.key));
    }
    history.push_back(std::move(op));
  }
  if (in.bad()) {
    return absl::UnavailableError("The history cannot be read to its end.");
  }
  return history;
}

void WriteHistory(const History& history, std::ostream& out) {
  for (const Operation& op : history) {
    out << ToJson(op).dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
  }
}

}  // namespace quorum::check
