// What a disk may do to a data folder, and what the node then says.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "common/storage/storage_testing.h"

namespace quorum::testing {
namespace {

namespace fs = std::filesystem;
using Map = std::map<std::string, std::string>;

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void WriteAll(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

/// The files of a folder, by their paths in it.
Map FilesOf(const fs::path& folder) {
  Map files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) {
      files[fs::relative(entry.path(), folder).string()] = ReadAll(entry.path());
    }
  }
  return files;
}

/// A data folder as a crash of the process leaves it: some of its data in a table file, some in the
/// log, of which the last part may not be synced.
class Damage : public ::testing::Test {
 protected:
  Damage() {
    // Each boot puts what the one before logged into a table.
    for (const char* prefix : {"a table", "b table"}) Write(*MustOpen(original_), prefix, 20);
    const auto store = MustOpen(original_);
    Write(*store, "log", 20);
    EXPECT_TRUE(store->Flush().ok());
    synced_ = Contents(*store);
    synced_log_size_ = fs::file_size(original_ / LogFile());
    Write(*store, "tail", 5);
    all_ = Contents(*store);
    fs::copy(original_, crashed_, fs::copy_options::recursive);
    files_ = FilesOf(crashed_);
  }

  static void Write(DurableStore& store, const std::string& prefix, int count) {
    for (int i = 10; i < 10 + count; ++i) {
      EXPECT_TRUE(store.Append(Put(prefix + std::to_string(i), "value " + prefix)).ok());
    }
  }

  std::string LogFile() const {
    std::string newest;
    for (const auto& [name, content] : FilesOf(original_)) {
      if (name.ends_with(".log") && !content.empty()) newest = name;
    }
    return newest;
  }

  /// A copy of the crashed folder with one file changed; nothing removes it.
  fs::path With(const std::string& file, const std::optional<std::string>& content) {
    const fs::path copy = home_ / "copy";
    fs::remove_all(copy);
    fs::copy(crashed_, copy, fs::copy_options::recursive);
    if (content) {
      WriteAll(copy / file, *content);
    } else {
      fs::remove(copy / file);
    }
    return copy;
  }

  /// A damaged folder must be refused in a sentence and left as it is, or lack nothing that was
  /// synced: all writes up to some point, beyond the last synced one.
  void ExpectNoSilentLoss(const fs::path& folder, const std::string& what) {
    SCOPED_TRACE(what);
    const Map before = FilesOf(folder / "database");
    const auto store = OpenStore(folder);
    if (store.ok()) {
      const Map contents = Contents(**store);
      EXPECT_TRUE(std::includes(all_.begin(), all_.end(), contents.begin(), contents.end()));
      EXPECT_TRUE(std::includes(contents.begin(), contents.end(), synced_.begin(), synced_.end()));
      const auto tail_end = contents.lower_bound("tail");
      EXPECT_EQ(std::distance(tail_end, contents.end()),
                static_cast<int>(contents.size() - synced_.size()));
      return;
    }
    ++refused_;
    const std::string sentence(store.status().message());
    EXPECT_THAT(sentence, ::testing::StartsWith("The "));
    EXPECT_THAT(sentence, ::testing::EndsWith("."));
    Map after = FilesOf(folder / "database");
    for (const auto& [name, content] : before) {
      if (name.ends_with("LOG")) continue;  // not data
      EXPECT_EQ(after[name], content) << name;
    }
  }

  const TemporaryFolder home_;
  const fs::path original_ = home_ / "original";
  const fs::path crashed_ = home_ / "crashed";
  Map synced_, all_, files_;
  std::uintmax_t synced_log_size_ = 0;
  int refused_ = 0;
};

TEST_F(Damage, AnUndamagedCrashLosesNothing) {
  EXPECT_EQ(synced_.size(), 60);
  EXPECT_EQ(Contents(*MustOpen(crashed_)), all_);
}

TEST_F(Damage, AFlippedByteNeverLosesSyncedDataSilently) {
  for (const auto& [name, content] : files_) {
    const std::size_t stride = std::max<std::size_t>(1, content.size() / 30);
    for (std::size_t at = 0; at < content.size(); at += stride) {
      std::string flipped = content;
      flipped[at] ^= 0x40;
      ExpectNoSilentLoss(With(name, flipped), name + " at " + std::to_string(at));
    }
  }
  EXPECT_GT(refused_, 60);
}

TEST_F(Damage, ACutFileNeverLosesSyncedDataSilently) {
  for (const auto& [name, content] : files_) {
    const std::size_t stride = std::max<std::size_t>(1, content.size() / 12);
    for (std::size_t size = 0; size < content.size(); size += stride) {
      ExpectNoSilentLoss(With(name, content.substr(0, size)), name + " to " + std::to_string(size));
    }
  }
  EXPECT_GT(refused_, 20);
}

TEST_F(Damage, AMissingFileNeverLosesSyncedDataSilently) {
  for (const auto& [name, content] : files_) {
    ExpectNoSilentLoss(With(name, std::nullopt), "without " + name);
  }
  EXPECT_GE(refused_, 4);
}

TEST_F(Damage, EveryByteOfTheSyncedLogCounts) {
  const std::string& log = files_.at(LogFile());
  for (std::size_t at = 0; at < synced_log_size_; at += 7) {
    std::string flipped = log;
    flipped[at] ^= 1;
    const auto store = OpenStore(With(LogFile(), flipped));
    ASSERT_FALSE(store.ok()) << at;
    EXPECT_THAT(std::string(store.status().message()), ::testing::HasSubstr("is damaged"));
  }
}

TEST_F(Damage, ATornEndOfWhatWasNotSyncedIsNoDamage) {
  const std::string& log = files_.at(LogFile());
  ASSERT_LT(synced_log_size_, log.size());
  for (std::size_t size = synced_log_size_; size < log.size(); size += 5) {
    const auto store = OpenStore(With(LogFile(), log.substr(0, size)));
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_GE(Contents(**store).size(), synced_.size());
  }
  // A power failure may also leave a hole that later writes follow.
  for (std::size_t at = synced_log_size_; at + 20 < log.size(); at += 11) {
    std::string torn = log;
    torn.replace(at, 20, 20, '\0');
    const fs::path folder = With(LogFile(), torn);
    ASSERT_TRUE(OpenStore(folder).ok()) << at;
    ExpectNoSilentLoss(folder, "a hole at " + std::to_string(at));
  }
}

TEST_F(Damage, WritingGoesOnAfterATornEnd) {
  const std::string& log = files_.at(LogFile());
  const fs::path folder = With(LogFile(), log.substr(0, log.size() - 3));
  for (int boot = 0; boot < 3; ++boot) {
    const auto store = MustOpen(folder);
    EXPECT_EQ(Contents(*store).size(), all_.size() - 1 + boot);
    ASSERT_TRUE(store->Append(Put("zz" + std::to_string(boot), "")).ok());
    ASSERT_TRUE(store->Flush().ok());
  }
}

TEST_F(Damage, AnOlderCopyOfTheDatabaseIsRefused) {
  const fs::path folder = home_ / "copy";
  fs::copy(crashed_, folder, fs::copy_options::recursive);
  {
    const auto store = MustOpen(folder);
    ASSERT_TRUE(store->Append(Put("later", "")).ok());
  }
  fs::remove_all(folder / "database");
  fs::copy(crashed_ / "database", folder / "database", fs::copy_options::recursive);
  EXPECT_THAT(std::string(OpenStore(folder).status().message()),
              ::testing::HasSubstr("of its synced changes, number 66 to 66 can be read neither"));
}

}  // namespace
}  // namespace quorum::testing
