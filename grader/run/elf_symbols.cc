#include "grader/run/elf_symbols.h"

#include <cxxabi.h>
#include <fcntl.h>
#include <gelf.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"

namespace quorum::run {
namespace {

struct ElfCloser {
  void operator()(Elf* elf) const { elf_end(elf); }
};
using ElfHandle = std::unique_ptr<Elf, ElfCloser>;

struct FileCloser {
  explicit FileCloser(const std::string& path) : fd(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~FileCloser() {
    if (fd >= 0) close(fd);
  }
  const int fd;
};

ElfSymbol::Kind KindOf(const GElf_Sym& symbol) {
  switch (GELF_ST_TYPE(symbol.st_info)) {
    case STT_FUNC:
    case STT_GNU_IFUNC:
      return ElfSymbol::Kind::kFunction;
    case STT_OBJECT:
      return ElfSymbol::Kind::kObject;
    case STT_TLS:
      return ElfSymbol::Kind::kThreadLocal;
    default:
      return ElfSymbol::Kind::kOther;
  }
}

void SetSection(Elf* elf, const GElf_Sym& symbol, ElfSymbol& to) {
  std::size_t names = 0;
  GElf_Shdr header;
  Elf_Scn* section = elf_getscn(elf, symbol.st_shndx);
  if (section == nullptr || gelf_getshdr(section, &header) == nullptr) return;
  if (elf_getshdrstrndx(elf, &names) != 0) return;
  const char* name = elf_strptr(elf, names, header.sh_name);
  to.section = name == nullptr ? "" : name;
  to.writable = (header.sh_flags & SHF_WRITE) != 0;
}

/// Appends the symbols of one table.
void ReadTable(Elf* elf, Elf_Scn* section, const GElf_Shdr& table,
               std::vector<ElfSymbol>& symbols) {
  Elf_Data* data = elf_getdata(section, nullptr);
  if (data == nullptr || table.sh_entsize == 0) return;
  for (std::size_t i = 1; i < table.sh_size / table.sh_entsize; ++i) {
    GElf_Sym symbol;
    if (gelf_getsym(data, static_cast<int>(i), &symbol) == nullptr) continue;
    const char* name = elf_strptr(elf, table.sh_link, symbol.st_name);
    if (name == nullptr || *name == '\0') continue;
    ElfSymbol read{.name = name,
                   .kind = KindOf(symbol),
                   .address = symbol.st_value,
                   .size = symbol.st_size,
                   .defined = symbol.st_shndx != SHN_UNDEF};
    if (read.defined && symbol.st_shndx < SHN_LORESERVE) SetSection(elf, symbol, read);
    symbols.push_back(std::move(read));
  }
}

}  // namespace

std::string ElfSymbol::Demangled() const {
  // The version of a symbol stands behind an '@'.
  const std::string bare = name.substr(0, name.find('@'));
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(
      abi::__cxa_demangle(bare.c_str(), nullptr, nullptr, &status), std::free);
  return status == 0 ? text.get() : bare;
}

absl::StatusOr<std::vector<ElfSymbol>> ReadSymbols(const std::string& path) {
  elf_version(EV_CURRENT);
  const FileCloser file(path);
  const ElfHandle elf(elf_begin(file.fd, ELF_C_READ_MMAP, nullptr));
  GElf_Ehdr header;
  if (!elf || gelf_getehdr(elf.get(), &header) == nullptr || header.e_type != ET_DYN) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is not a loadable module."));
  }
  std::vector<ElfSymbol> symbols;
  Elf_Scn* section = nullptr;
  Elf_Scn* dynamic = nullptr;
  GElf_Shdr table;
  while ((section = elf_nextscn(elf.get(), section)) != nullptr) {
    if (gelf_getshdr(section, &table) == nullptr) continue;
    if (table.sh_type == SHT_SYMTAB) ReadTable(elf.get(), section, table, symbols);
    if (table.sh_type == SHT_DYNSYM) dynamic = section;
  }
  // A stripped module has only its dynamic symbols left.
  if (symbols.empty() && dynamic != nullptr && gelf_getshdr(dynamic, &table) != nullptr) {
    ReadTable(elf.get(), dynamic, table, symbols);
  }
  return symbols;
}

std::vector<std::string> FunctionsAt(const std::string& path,
                                     const std::vector<std::uint64_t>& offsets) {
  std::vector<std::string> names;
  const absl::StatusOr<std::vector<ElfSymbol>> symbols = ReadSymbols(path);
  if (!symbols.ok()) return names;
  for (const std::uint64_t offset : offsets) {
    for (const ElfSymbol& symbol : *symbols) {
      const bool contains = symbol.kind == ElfSymbol::Kind::kFunction && symbol.defined &&
                            offset - symbol.address < symbol.size;
      if (!contains) continue;
      names.push_back(symbol.Demangled());
      break;
    }
  }
  return names;
}

}  // namespace quorum::run
