#pragma once

// What the tests of real storage share.

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>

#include "common/env/check.h"
#include "common/storage/data_folder.h"
#include "common/storage/rocksdb_storage.h"

namespace quorum::testing {

/// A folder of its own for each test, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "quorum-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline const NodeIdentity kIdentity{"counter", "counter.node", 3};

inline absl::StatusOr<std::unique_ptr<DurableStore>> OpenStore(const std::filesystem::path& path,
                                                               RocksdbOptions options = {}) {
  absl::StatusOr<DataFolder> folder = DataFolder::Open(path, kIdentity);
  if (!folder.ok()) return folder.status();
  return OpenRocksdbStore(*std::move(folder), std::move(options));
}

/// Opens a store that must open.
inline std::unique_ptr<DurableStore> MustOpen(const std::filesystem::path& path,
                                              RocksdbOptions options = {}) {
  auto store = OpenStore(path, std::move(options));
  Check(store.ok(), store.ok() ? "" : std::string(store.status().message()));
  return *std::move(store);
}

inline WriteBatch Put(const std::string& key, const std::string& value) {
  WriteBatch batch;
  batch.Put(key, value);
  return batch;
}

inline std::map<std::string, std::string> Contents(const DurableStore& store,
                                                   const std::string& prefix = "") {
  std::map<std::string, std::string> contents;
  store.Scan(prefix, [&](std::string_view key, std::string_view value) {
    return contents.emplace(key, value).second;
  });
  return contents;
}

}  // namespace quorum::testing
