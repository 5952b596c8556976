#include "grader/run/vet.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "grader/run/elf_symbols.h"
#include "grader/run/vet_rules.h"

namespace quorum::run {
namespace {

/// Whose inline functions and variables may leave static data in a module.
constexpr auto kLibraries = std::to_array<std::string_view>(
    {"std::", "__gnu_cxx::", "absl::", "google::protobuf::", "fmt::", "guard variable for ",
     "reference temporary #"});

/// Whether the section holds data that changes while the program runs. (Tables with addresses are
/// written once, by the dynamic linker, and lie in .data.rel.ro and .got.)
bool HoldsVariables(std::string_view section) {
  if (section.starts_with(".data.rel.ro")) return false;
  return section.starts_with(".data") || section.starts_with(".bss") ||
         section.starts_with(".tdata") || section.starts_with(".tbss");
}

bool IsOfCompiler(std::string_view name) {
  // No name of a variable in C++ begins with an underscore and is not mangled, or has a dot.
  return (name.starts_with("_") && !name.starts_with("_Z")) || name.starts_with("DW.ref.") ||
         name.starts_with("completed.");
}

bool IsVariable(const ElfSymbol& symbol, std::string_view demangled) {
  const bool data =
      symbol.kind == ElfSymbol::Kind::kObject || symbol.kind == ElfSymbol::Kind::kThreadLocal;
  if (!data || !symbol.defined || symbol.size == 0 || !symbol.writable) return false;
  if (!HoldsVariables(symbol.section) || IsOfCompiler(symbol.name)) return false;
  return std::none_of(kLibraries.begin(), kLibraries.end(),
                      [&](std::string_view library) { return demangled.starts_with(library); });
}

std::string AboutVariable(const ElfSymbol& symbol, const std::string& demangled) {
  return absl::StrCat(
      symbol.kind == ElfSymbol::Kind::kThreadLocal ? "The thread_local variable " : "The variable ",
      demangled,
      " belongs to the whole program: after a crash it would still remember what the node must "
      "have forgotten, and all nodes of a process would share it. Make it a field of the node; a "
      "constant is constexpr (a std::string_view or std::array rather than a std::string or "
      "std::map).");
}

std::string AboutImport(const std::string& demangled, const ImportRule& rule) {
  return absl::StrCat(demangled, " ", std::string(rule.cause), ". ", std::string(rule.remedy));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> VetModule(const std::string& path) {
  const absl::StatusOr<std::vector<ElfSymbol>> symbols = ReadSymbols(path);
  if (!symbols.ok()) return symbols.status();
  std::set<std::string> findings;  // sorted, and each once
  for (const ElfSymbol& symbol : *symbols) {
    const std::string demangled = symbol.Demangled();
    if (IsVariable(symbol, demangled)) findings.insert(AboutVariable(symbol, demangled));
    if (symbol.defined) continue;
    const ImportRule* rule =
        FindImportRule(symbol.name.substr(0, symbol.name.find('@')), demangled);
    if (rule != nullptr) findings.insert(AboutImport(demangled, *rule));
  }
  return std::vector<std::string>(findings.begin(), findings.end());
}

}  // namespace quorum::run
