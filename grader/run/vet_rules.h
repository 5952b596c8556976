#pragma once

#include <string>
#include <string_view>

namespace quorum::run {

/// Why a module must not use a function, and what it should use.
struct ImportRule {
  std::string_view cause;   ///< continues "x ..."
  std::string_view remedy;  ///< a sentence
};

/// The rule that forbids importing `name`, which reads `demangled` in the source; null: none does.
const ImportRule* FindImportRule(std::string_view name, std::string_view demangled);

}  // namespace quorum::run
