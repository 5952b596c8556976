#include "common/node/testing/damage.h"

#include <fstream>

namespace quorum::testing {

int DamageData(const std::filesystem::path& folder) {
  constexpr int kWhere = 60;  // in the first record, behind its header
  int damaged = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "database")) {
    const auto kind = entry.path().extension();
    if ((kind != ".log" && kind != ".sst") || std::filesystem::file_size(entry.path()) < 100) {
      continue;
    }
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(kWhere);
    const int byte = file.get();
    file.seekp(kWhere);
    file.put(static_cast<char>(~byte));
    ++damaged;
  }
  return damaged;
}

}  // namespace quorum::testing
