#include "common/storage/data_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "common/storage/storage_testing.h"

namespace quorum::testing {
namespace {

namespace fs = std::filesystem;

/// The sentence with which a folder is refused.
std::string Refusal(const fs::path& path, const NodeIdentity& identity = kIdentity) {
  const absl::StatusOr<DataFolder> folder = DataFolder::Open(path, identity);
  return folder.ok() ? "" : std::string(folder.status().message());
}

void Write(const fs::path& path, const std::string& content) { std::ofstream(path) << content; }

TEST(DataFolder, IsMadeWhereNothingIsAndFoundAgain) {
  const TemporaryFolder home;
  EXPECT_EQ(Refusal(home / "deep/node-3"), "");
  EXPECT_EQ(Refusal(home / "deep/node-3/"), "");
  fs::create_directory(home / "empty");
  EXPECT_EQ(Refusal(home / "empty"), "");
}

TEST(DataFolder, BelongsToOneNode) {
  const TemporaryFolder home;
  const std::string path = home / "node-3";
  ASSERT_EQ(Refusal(path), "");
  EXPECT_EQ(Refusal(path, {"counter", "counter.node", 4}),
            "The data folder " + path +
                " belongs to node 3 (counter.node) of lab counter, not to node 4 (counter.node) of "
                "lab counter; choose another --data folder.");
  EXPECT_THAT(Refusal(path, {"raft", "counter.node", 3}), ::testing::HasSubstr("of lab raft"));
  EXPECT_THAT(Refusal(path, {"counter", "raft.node", 3}), ::testing::HasSubstr("(raft.node)"));
}

TEST(DataFolder, IsNotAnyFolder) {
  const TemporaryFolder home;
  fs::create_directory(home / "photos");
  Write(home / "photos/cat.jpg", "meow");
  EXPECT_EQ(Refusal(home / "photos"), "The folder " + (home / "photos").string() +
                                          " holds files that are not a node's data; choose another "
                                          "--data folder.");
  Write(home / "letter", "Dear");
  EXPECT_EQ(Refusal(home / "letter"), (home / "letter").string() +
                                          " is not a folder and none can be made there; choose "
                                          "another --data folder.");
  EXPECT_THAT(Refusal(home / "letter/node-3"), ::testing::HasSubstr("none can be made there"));
}

TEST(DataFolder, IsUsedByOneProcess) {
  const TemporaryFolder home;
  const auto first = DataFolder::Open(home / "node-3", kIdentity);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(Refusal(home / "node-3"), "Another process uses the data folder " +
                                          (home / "node-3").string() + "; stop that node first.");
}

TEST(DataFolder, OfANewerFormatIsRefused) {
  const TemporaryFolder home;
  ASSERT_EQ(Refusal(home / "node-3"), "");
  Write(home / "node-3/identity.json", R"({"format": 2, "owner": "somebody"})");
  EXPECT_THAT(Refusal(home / "node-3"),
              ::testing::HasSubstr("has format 2, and this program knows format 1"));
}

TEST(DataFolder, ThatIsDamagedIsRefused) {
  const TemporaryFolder home;
  for (const char* text : {"", "{", "[]", R"({"format": 1})", R"({"format": "1"})"}) {
    fs::remove_all(home / "node-3");
    ASSERT_EQ(Refusal(home / "node-3"), "");
    Write(home / "node-3/identity.json", text);
    EXPECT_THAT(Refusal(home / "node-3"), ::testing::HasSubstr("does not say whose data it is"));
  }
  for (std::size_t at = 0; at < 24; ++at) {
    fs::remove_all(home / "node-3");
    ASSERT_TRUE(DataFolder::Open(home / "node-3", kIdentity)->SetSynced(1000).ok());
    std::fstream file(home / "node-3/synced", std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const char flipped = static_cast<char>(file.get() ^ 0x10);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(flipped);
    file.close();
    EXPECT_THAT(Refusal(home / "node-3"), ::testing::HasSubstr("is damaged"));
  }
  fs::remove(home / "node-3/synced");
  EXPECT_THAT(Refusal(home / "node-3"), ::testing::HasSubstr("is damaged"));
}

TEST(DataFolder, AnUnfinishedOneIsMadeAnew) {
  const TemporaryFolder home;
  ASSERT_EQ(Refusal(home / "node-3"), "");
  fs::rename(home / "node-3/identity.json", home / "node-3/identity.json.tmp");
  EXPECT_EQ(Refusal(home / "node-3"), "");
}

TEST(DataFolder, FirstBootLastsUntilSomethingIsDurableAndOutlivesTheFolder) {
  const TemporaryFolder home;
  EXPECT_TRUE(DataFolder::Open(home / "node-3", kIdentity)->first_boot());
  {
    auto folder = DataFolder::Open(home / "node-3", kIdentity);
    ASSERT_TRUE(folder->SetSynced(0).ok());
    EXPECT_TRUE(folder->first_boot());
    ASSERT_TRUE(folder->SetSynced(7).ok());
    EXPECT_FALSE(folder->first_boot());
  }
  EXPECT_FALSE(DataFolder::Open(home / "node-3", kIdentity)->first_boot());
  EXPECT_TRUE(fs::exists(home / "node-3.booted"));
  fs::remove_all(home / "node-3");
  EXPECT_FALSE(DataFolder::Open(home / "node-3", kIdentity)->first_boot());
  EXPECT_EQ(DataFolder::Open(home / "node-3", kIdentity)->synced(), 0);
}

}  // namespace
}  // namespace quorum::testing
