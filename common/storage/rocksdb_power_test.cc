// What has been flushed outlives a power failure, also when RocksDB goes on to other files.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "common/storage/storage_testing.h"

namespace quorum::testing {
namespace {

namespace fs = std::filesystem;

/// Remembers what has been made durable of RocksDB's log, to which nobody else sees.
class PowerFailure : public ::testing::Test {
 protected:
  std::unique_ptr<DurableStore> Open() {
    RocksdbOptions options;
    options.sync_file = [this](const fs::path& path) {
      const absl::Status status = SyncPath(path);
      if (status.ok()) fs::is_directory(path) ? void(durable_names_ = LogsNow()) : Synced(path);
      return status;
    };
    return MustOpen(home_ / "node-3", std::move(options));
  }

  std::set<std::string> LogsNow() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(home_ / "node-3" / "database")) {
      if (entry.path().extension() == ".log") names.insert(entry.path().filename());
    }
    return names;
  }

  /// What would be found if the power failed now.
  std::map<std::string, std::string> ContentsAfterwards() {
    const fs::path copy = home_ / ("after-" + std::to_string(++failures_));
    fs::copy(home_ / "node-3", copy, fs::copy_options::recursive);
    for (const std::string& name : LogsNow()) {
      const fs::path log = copy / "database" / name;
      durable_names_.contains(name) ? fs::resize_file(log, synced_[name]) : void(fs::remove(log));
    }
    auto contents = Contents(*MustOpen(copy));
    fs::remove_all(copy);
    return contents;
  }

  const TemporaryFolder home_;

 private:
  void Synced(const fs::path& path) { synced_[path.filename()] = fs::file_size(path); }

  std::map<std::string, std::uintmax_t> synced_;
  std::set<std::string> durable_names_;
  int failures_ = 0;
};

TEST_F(PowerFailure, LosesNothingThatWasFlushed) {
  const auto store = Open();
  std::map<std::string, std::string> flushed;
  std::set<std::string> logs;
  for (int i = 0; logs.size() < 4; ++i) {
    const std::string key = std::to_string(i % 10);
    const std::string value = std::to_string(i) + std::string(1'000'000, 'v');
    ASSERT_TRUE(store->Append(Put(key, value)).ok());
    ASSERT_TRUE(store->Append(Put("last", std::to_string(i))).ok());
    ASSERT_TRUE(store->Flush().ok());
    flushed[key] = value;
    flushed["last"] = std::to_string(i);
    const std::size_t before = logs.size();
    logs.merge(LogsNow());
    if (logs.size() == before && i % 8 != 0) continue;
    ASSERT_EQ(ContentsAfterwards(), flushed);
  }
}

}  // namespace
}  // namespace quorum::testing
