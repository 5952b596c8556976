// A full disk is an error that Write returns; a disk that fails ends the node.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <string_view>
#include <thread>

#include "common/storage/storage_testing.h"

namespace quorum::testing {
namespace {

using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

/// What the disk does to the database's log.
struct Disk {
  std::atomic<bool> full = false;
  std::atomic<bool> broken = false;
  std::atomic<bool> refused = false;  ///< it has refused to append
  bool sync_fails = false;
  std::atomic<bool> full_for_compactions = false;  ///< these need more room than other writes
};

/// Whether this thread is of RocksDB's pool for compactions.
bool Compacts() {
  char name[16] = "";
  pthread_getname_np(pthread_self(), name, sizeof name);
  return std::string_view(name) == "rocksdb:low";
}

/// A file that takes half of a write before the disk is full, as ext4 does.
class FaultyFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(std::unique_ptr<FSWritableFile>&& file, Disk& disk)
      : FSWritableFileOwnerWrapper(std::move(file)), disk_(disk) {}

  using FSWritableFileOwnerWrapper::Append;
  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    if (disk_.broken) return IOStatus::IOError("the disk does not answer");
    if (!disk_.full) return FSWritableFileOwnerWrapper::Append(data, options, context);
    disk_.refused = true;
    const Slice half(data.data(), data.size() / 2);
    IOStatus status = FSWritableFileOwnerWrapper::Append(half, options, context);
    return status.ok() ? IOStatus::NoSpace("no space left") : status;
  }

 private:
  Disk& disk_;
};

class FaultyFileSystem : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultyFileSystem(Disk& disk)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), disk_(disk) {}
  const char* Name() const override { return "FaultyFileSystem"; }

  IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                           std::unique_ptr<FSWritableFile>* file,
                           IODebugContext* context) override {
    if (disk_.full || (disk_.full_for_compactions && Compacts())) {
      return IOStatus::NoSpace("no space left");
    }
    IOStatus status = FileSystemWrapper::NewWritableFile(name, options, file, context);
    if (status.ok()) *file = std::make_unique<FaultyFile>(std::move(*file), disk_);
    return status;
  }

 private:
  Disk& disk_;
};

class FullDisk : public ::testing::Test {
 protected:
  std::unique_ptr<DurableStore> Open() {
    RocksdbOptions options;
    options.env = env_.get();
    options.reserve_bytes = 1;
    options.free_bytes = [this] { return free_; };
    options.sync_file = [this](const std::filesystem::path& path) {
      return disk_.sync_fails ? absl::UnknownError("the disk does not answer") : SyncPath(path);
    };
    options.die = [](const absl::Status& status) { throw std::runtime_error(status.ToString()); };
    return MustOpen(home_ / "node-3", std::move(options));
  }

  const TemporaryFolder home_;
  Disk disk_;
  std::uint64_t free_ = 1;
  std::unique_ptr<rocksdb::Env> env_ =
      rocksdb::NewCompositeEnv(std::make_shared<FaultyFileSystem>(disk_));
};

TEST_F(FullDisk, AppliesNothingAndGoesOnWhenThereIsSpaceAgain) {
  {
    const auto store = Open();
    ASSERT_TRUE(store->Append(Put("before", "1")).ok());
    for (int round = 0; round < 3; ++round) {
      disk_.full = true;
      for (int i = 0; i < 3; ++i) {
        const absl::Status status = store->Append(Put("during", std::string(5000, 'x')));
        EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
        free_ = 0;
      }
      EXPECT_EQ(store->Get("during"), std::nullopt);
      EXPECT_EQ(store->Get("before"), "1");
      disk_.full = false;
      free_ = 1;
      ASSERT_TRUE(store->Append(Put("after" + std::to_string(round), "2")).ok());
      ASSERT_TRUE(store->Flush().ok());
    }
  }
  EXPECT_EQ(Contents(*Open()),
            (std::map<std::string, std::string>{
                {"before", "1"}, {"after0", "2"}, {"after1", "2"}, {"after2", "2"}}));
}

TEST_F(FullDisk, ThatFillsAgainAtTheWrongMomentLosesNothing) {
  {
    const auto store = Open();
    ASSERT_TRUE(store->Append(Put("before", "1")).ok());
    disk_.full = true;
    // It seems to have room all the time: each further write opens the database anew in vain.
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(absl::IsResourceExhausted(store->Append(Put("during", "2"))));
    }
    EXPECT_TRUE(store->Flush().ok());
    EXPECT_EQ(store->Get("before"), "1");
    disk_.full = false;
    EXPECT_TRUE(store->Append(Put("after", "2")).ok());
  }
  EXPECT_EQ(Contents(*Open()),
            (std::map<std::string, std::string>{{"before", "1"}, {"after", "2"}}));
}

TEST_F(FullDisk, MayStayFullUnderWhatIsOpenStill) {
  RocksdbOptions options;
  options.env = env_.get();
  options.reserve_bytes = 1;
  options.free_bytes = [this]() -> std::uint64_t { return disk_.full && disk_.refused ? 0 : 1; };
  const auto store = MustOpen(home_ / "node-3", std::move(options));
  ASSERT_TRUE(store->Append(Put("before", "1")).ok());
  disk_.full = true;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(absl::IsResourceExhausted(store->Append(Put("during", "2"))));
  }
  disk_.full = false;
  EXPECT_TRUE(store->Append(Put("after", "3")).ok());
  EXPECT_EQ(Contents(*store),
            (std::map<std::string, std::string>{{"before", "1"}, {"after", "3"}}));
}

TEST_F(FullDisk, FoundByACompactionDelaysNoWriteOnceThereIsSpace) {
  const auto store = Open();
  for (int round = 0; round < 8; ++round) {
    disk_.full_for_compactions = true;
    disk_.full = true;
    EXPECT_TRUE(absl::IsResourceExhausted(store->Append(Put("during", "2"))));
    disk_.full = false;
    // Opens the database anew, which makes a small table, of which a few make a compaction.
    const absl::Status status = store->Append(Put("perhaps", "3"));
    EXPECT_TRUE(status.ok() || absl::IsResourceExhausted(status)) << status;
    disk_.full_for_compactions = false;
    EXPECT_TRUE(store->Append(Put("round", std::to_string(round))).ok());
  }
  EXPECT_EQ(store->Get("round"), "7");
}

TEST_F(FullDisk, WhatWasWrittenBeforeCanStillBecomeDurable) {
  const auto store = Open();
  ASSERT_TRUE(store->Append(Put("before", "1")).ok());
  disk_.full = true;
  ASSERT_TRUE(absl::IsResourceExhausted(store->Append(Put("during", "2"))));
  EXPECT_TRUE(store->Flush().ok());
  std::filesystem::copy(home_ / "node-3", home_ / "crashed",
                        std::filesystem::copy_options::recursive);
  disk_.full = false;
  EXPECT_EQ(Contents(*MustOpen(home_ / "crashed")),
            (std::map<std::string, std::string>{{"before", "1"}}));
}

TEST_F(FullDisk, MayBeFoundWhileTheLogIsMadeDurable) {
  const auto store = Open();
  std::atomic<bool> ended = false;
  std::thread flusher([&] {
    while (!ended) EXPECT_TRUE(store->Flush().ok());
  });
  for (int round = 0; round < 15; ++round) {
    EXPECT_TRUE(store->Append(Put("round", std::to_string(round))).ok());
    disk_.full = true;
    EXPECT_TRUE(absl::IsResourceExhausted(store->Append(Put("during", "2"))));
    disk_.full = false;
  }
  ended = true;
  flusher.join();
  EXPECT_EQ(Contents(*store), (std::map<std::string, std::string>{{"round", "14"}}));
}

TEST_F(FullDisk, IsNoticedBeforeRocksdbRunsOutOfSpace) {
  std::uint64_t free = 1 << 30;
  RocksdbOptions options;
  options.reserve_bytes = 1 << 20;
  options.free_bytes = [&free] { return free; };
  const auto store = MustOpen(home_ / "node-3", std::move(options));
  ASSERT_TRUE(store->Append(Put("a", "1")).ok());
  free = (1 << 20) - 1;
  const absl::Status status = store->Append(Put("b", "1"));
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_EQ(std::string(status.message()),
            "The disk of " + (home_ / "node-3").string() + " is full; free some space.");
  EXPECT_EQ(store->Get("b"), std::nullopt);
  free = 1 << 20;
  EXPECT_TRUE(store->Append(Put("b", "1")).ok());
}

TEST_F(FullDisk, AFailedSyncIsAnError) {
  const auto store = Open();
  ASSERT_TRUE(store->Append(Put("a", "1")).ok());
  disk_.sync_fails = true;
  EXPECT_TRUE(absl::IsDataLoss(store->Flush()));
  // Not even later, when the disk pretends to be well.
  disk_.sync_fails = false;
  EXPECT_FALSE(store->Flush().ok());
}

TEST_F(FullDisk, ABrokenDiskEndsTheNode) {
  const auto store = Open();
  disk_.broken = true;
  EXPECT_THROW(store->Append(Put("a", "1")).IgnoreError(), std::runtime_error);
  disk_.broken = false;
}

}  // namespace
}  // namespace quorum::testing
