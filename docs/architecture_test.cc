// Holds the tree to what docs/architecture.md says of it.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct SourceFile {
  std::string path;  // from the top of the repository
  std::vector<std::string> lines;

  bool Under(std::string_view folder) const { return path.starts_with(folder); }
};

/// Every C++ file of the project. Tests run from the top of the repository.
const std::vector<SourceFile>& Sources() {
  static const std::vector<SourceFile> sources = [] {
    std::vector<SourceFile> found;
    for (const char* folder : {"common", "labs", "solutions", "grader", "docs"}) {
      if (!fs::exists(folder)) continue;
      for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const fs::path& path = entry.path();
        if (path.extension() != ".cc" && path.extension() != ".h") continue;
        SourceFile file{path.generic_string(), {}};
        std::ifstream in(path);
        for (std::string line; std::getline(in, line);) file.lines.push_back(line);
        found.push_back(std::move(file));
      }
    }
    std::sort(found.begin(), found.end(),
              [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
    return found;
  }();
  return sources;
}

/// What `file` includes: paths as written, with the delimiter in front.
std::vector<std::string> IncludesOf(const SourceFile& file) {
  static const std::regex include(R"(^\s*#\s*include\s*([<"][^>"]+)[>"].*)");
  std::vector<std::string> includes;
  for (const std::string& line : file.lines) {
    std::smatch match;
    if (std::regex_match(line, match, include)) includes.push_back(match[1]);
  }
  return includes;
}

bool IsTest(const SourceFile& file) { return file.path.ends_with("_test.cc"); }

/// "labs/lab2_paxos/" for a file of that lab, in `labs` or in `solutions`.
std::string LabOf(const std::string& path) {
  static const std::regex lab(R"(^(?:labs|solutions|solutions/variants/[^/]+)/(lab\d+_\w+)/.*)");
  std::smatch match;
  return std::regex_match(path, match, lab) ? match[1].str() : "";
}

TEST(ArchitectureTest, IncludesRunOneWay) {
  for (const SourceFile& file : Sources()) {
    for (const std::string& include : IncludesOf(file)) {
      if (include.front() == '<') continue;
      const std::string path = include.substr(1);
      SCOPED_TRACE(file.path + " includes " + path);
      EXPECT_FALSE(path.starts_with("solutions/")) << "only the build knows the solutions";
      if (file.Under("common/")) {
        EXPECT_FALSE(path.starts_with("labs/") || path.starts_with("grader/"))
            << "common/ is what the others stand on";
      }
      if (file.Under("labs/") || file.Under("solutions/")) {
        EXPECT_FALSE(path.starts_with("grader/")) << "a lab does not know who grades it";
      }
      EXPECT_FALSE(path.ends_with(".cc")) << "a source file is not included";
    }
  }
}

TEST(ArchitectureTest, ALabUsesOnlyHeadersOfEarlierLabs) {
  for (const SourceFile& file : Sources()) {
    const std::string lab = LabOf(file.path);
    if (lab.empty()) continue;
    for (const std::string& include : IncludesOf(file)) {
      const std::string other = LabOf(include.substr(1));
      if (other.empty()) continue;
      EXPECT_LE(other.substr(0, 4), lab.substr(0, 4)) << file.path << " includes " << include;
    }
  }
}

TEST(ArchitectureTest, OneFolderSeesGrpcAndOneSeesRocksDb) {
  for (const SourceFile& file : Sources()) {
    if (IsTest(file) || file.Under("grader/bench/")) continue;  // they compare with plain stubs
    for (const std::string& include : IncludesOf(file)) {
      SCOPED_TRACE(file.path + " includes " + include);
      if (include.find("grpc") != std::string::npos) {
        EXPECT_TRUE(file.Under("common/rpc/grpc_") || include.starts_with("\"common/rpc/grpc_"));
      }
      if (include.find("rocksdb/") != std::string::npos) {
        EXPECT_TRUE(file.Under("common/storage/rocksdb_"));
      }
    }
  }
}

TEST(ArchitectureTest, FilesAreShort) {
  std::vector<std::size_t> lengths;
  for (const SourceFile& file : Sources()) {
    EXPECT_LE(file.lines.size(), 500u) << file.path << " holds more than one idea";
    lengths.push_back(file.lines.size());
  }
  ASSERT_FALSE(lengths.empty());
  std::nth_element(lengths.begin(), lengths.begin() + lengths.size() / 2, lengths.end());
  EXPECT_LT(lengths[lengths.size() / 2], 150u) << "the median";
}

TEST(ArchitectureTest, PublicContractHeadersAreShort) {
  for (const SourceFile& file : Sources()) {
    const bool contract =
        file.path.ends_with(".h") &&
        ((file.Under("common/env/") && !file.Under("common/env/real/")) ||
         file.Under("common/log/") || file.path == "common/storage/storage.h" ||
         file.path == "common/rpc/method.h" || file.path == "common/rpc/responder.h");
    if (contract) {
      EXPECT_LE(file.lines.size(), 120u) << file.path;
    }
  }
}

/// The lengths of the functions and lambdas of `file`, told by their shape: our formatter puts the
/// closing brace at the indentation of the first line.
std::vector<std::size_t> FunctionLengths(const SourceFile& file) {
  static const std::regex opening(
      R"(^(\s{0,4})[^\s#/}].*\)(?: const)?(?: noexcept)?(?: override)?(?: final)?(?: : .*)? \{$)");
  static const std::regex statement(R"(^\s*(?:if|for|while|switch|do|else|\} else|namespace)\b.*)");
  std::vector<std::size_t> lengths;
  for (std::size_t begin = 0; begin < file.lines.size(); ++begin) {
    std::smatch match;
    if (!std::regex_match(file.lines[begin], match, opening)) continue;
    if (std::regex_match(file.lines[begin], statement)) continue;
    const std::string close = match[1].str() + "}";
    std::size_t end = begin + 1;
    while (end < file.lines.size() && !file.lines[end].starts_with(close)) ++end;
    if (end < file.lines.size()) lengths.push_back(end - begin - 1);
  }
  return lengths;
}

TEST(ArchitectureTest, FunctionsAreRarelyLongerThanAScreen) {
  std::size_t all = 0;
  std::size_t longer = 0;
  std::string which;
  for (const SourceFile& file : Sources()) {
    for (const std::size_t length : FunctionLengths(file)) {
      ++all;
      if (length <= 40) continue;
      ++longer;
      which += "  " + file.path + ": " + std::to_string(length) + " lines\n";
    }
  }
  EXPECT_GT(all, 100u) << "the shape of functions is recognised";
  EXPECT_LE(longer * 50, all) << "more than one in fifty functions is over 40 lines:\n" << which;
}

TEST(ArchitectureTest, TopLevelFoldersAreThoseOfTheDesign) {
  const std::set<std::string> expected = {"cmake",  "common", "docker",   "docs",
                                          "grader", "labs",   "solutions"};
  const std::set<std::string> made = {"build", "data", "out"};  // by running the project
  for (const auto& entry : fs::directory_iterator(".")) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_directory() || name.starts_with(".") || made.contains(name)) continue;
    EXPECT_TRUE(expected.contains(name)) << name;
  }
}

}  // namespace
