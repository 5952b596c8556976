#include "common/storage/rocksdb_storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/storage/storage_testing.h"

namespace quorum::testing {
namespace {

using Map = std::map<std::string, std::string>;

TEST(RocksdbStorage, KeepsWhatWasWrittenAcrossRestarts) {
  const TemporaryFolder home;
  for (int boot = 0; boot < 5; ++boot) {
    const auto store = MustOpen(home / "node-3");
    EXPECT_EQ(Contents(*store).size(), boot);
    ASSERT_TRUE(store->Append(Put("boot" + std::to_string(boot), "x")).ok());
  }
}

TEST(RocksdbStorage, ReadsSeeWritesAtOnce) {
  const TemporaryFolder home;
  const auto store = MustOpen(home / "node-3");
  EXPECT_EQ(store->Get("a"), std::nullopt);
  ASSERT_TRUE(store->Append(Put("a", "1")).ok());
  EXPECT_EQ(store->Get("a"), "1");
  ASSERT_TRUE(store->Append(Put("a", "")).ok());
  EXPECT_EQ(store->Get("a"), "");
  WriteBatch batch;
  batch.Put("a", "2");
  batch.Delete("a");
  batch.Put("b", "3");
  ASSERT_TRUE(store->Append(batch).ok());
  EXPECT_EQ(store->Get("a"), std::nullopt);
  EXPECT_EQ(store->Get("b"), "3");
}

TEST(RocksdbStorage, KeysAndValuesAreAnyBytes) {
  const TemporaryFolder home;
  const std::string key("\0\xff\n", 3), value("\0", 1);
  {
    const auto store = MustOpen(home / "node-3");
    ASSERT_TRUE(store->Append(Put(key, value)).ok());
    ASSERT_TRUE(store->Append(Put("", "the empty key")).ok());
  }
  EXPECT_EQ(Contents(*MustOpen(home / "node-3")), (Map{{"", "the empty key"}, {key, value}}));
}

TEST(RocksdbStorage, ScansAPrefixInTheOrderOfUnsignedBytes) {
  const TemporaryFolder home;
  const auto store = MustOpen(home / "node-3");
  for (const char* key : {"a", "log/2", "log/1", "log/\xff", "log0", "b", "log/10"}) {
    ASSERT_TRUE(store->Append(Put(key, "")).ok());
  }
  std::vector<std::string> keys;
  store->Scan("log/", [&](std::string_view key, std::string_view) {
    keys.emplace_back(key);
    return true;
  });
  EXPECT_THAT(keys, ::testing::ElementsAre("log/1", "log/10", "log/2", "log/\xff"));
  keys.clear();
  store->Scan("log/", [&](std::string_view key, std::string_view) {
    keys.emplace_back(key);
    return keys.size() < 2;
  });
  EXPECT_THAT(keys, ::testing::ElementsAre("log/1", "log/10"));
}

TEST(RocksdbStorage, LargeValuesAndManyWritesReachTableFiles) {
  const TemporaryFolder home;
  {
    const auto store = MustOpen(home / "node-3");
    for (int i = 0; i < 64; ++i) {
      ASSERT_TRUE(store->Append(Put(std::to_string(i), std::string(1 << 20, 'x'))).ok());
      ASSERT_TRUE(store->Flush().ok());
    }
  }
  const auto store = MustOpen(home / "node-3");
  EXPECT_EQ(Contents(*store).size(), 64);
  EXPECT_EQ(store->Get("63")->size(), 1 << 20);
}

TEST(RocksdbStorage, TheFirstBootIsOverWhenSomethingIsDurable) {
  const TemporaryFolder home;
  const auto booted = [&] { return std::filesystem::exists(home / "node-3.booted"); };
  const auto store = MustOpen(home / "node-3");
  ASSERT_TRUE(store->Flush().ok());
  ASSERT_TRUE(store->Append(Put("a", "1")).ok());
  EXPECT_FALSE(booted());
  ASSERT_TRUE(store->Flush().ok());
  EXPECT_TRUE(booted());
}

TEST(RocksdbStorage, ANodeThatLostItsFolderStartsEmptyAndKnows) {
  const TemporaryFolder home;
  {
    const auto store = MustOpen(home / "node-3");
    ASSERT_TRUE(store->Append(Put("a", "1")).ok());
  }
  std::filesystem::remove_all(home / "node-3");
  EXPECT_FALSE(DataFolder::Open(home / "node-3", kIdentity)->first_boot());
  EXPECT_EQ(Contents(*MustOpen(home / "node-3")), Map());
}

}  // namespace
}  // namespace quorum::testing
