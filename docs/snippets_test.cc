// Code in the docs is code that is built: each C++ or proto block names the file that it stands in.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Block {
  std::string where;  // document and line
  std::string from;   // the file that it says it comes from
  std::vector<std::string> lines;
};

std::string Trimmed(const std::string& line) {
  const std::size_t begin = line.find_first_not_of(" \t");
  if (begin == line.npos) return "";
  return line.substr(begin, line.find_last_not_of(" \t") - begin + 1);
}

std::vector<std::string> ReadTrimmed(const fs::path& path) {
  std::vector<std::string> lines;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (std::string trimmed = Trimmed(line); !trimmed.empty()) lines.push_back(trimmed);
  }
  return lines;
}

/// The code blocks of one document. A block's source stands in a comment on the line before it.
std::vector<Block> BlocksOf(const fs::path& document) {
  static const std::regex source(R"(^<!-- from: (\S+) -->$)");
  std::vector<Block> blocks;
  std::string from;
  bool inside = false;
  int number = 0;
  std::ifstream in(document);
  for (std::string line; std::getline(in, line);) {
    ++number;
    std::smatch match;
    if (!inside && (line == "```c++" || line == "```cpp" || line == "```proto")) {
      blocks.push_back({document.string() + ":" + std::to_string(number), from, {}});
      inside = true;
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      if (!Trimmed(line).empty()) blocks.back().lines.push_back(Trimmed(line));
    }
    from = std::regex_match(line, match, source) ? match[1].str() : "";
  }
  return blocks;
}

std::vector<fs::path> Documents() {
  std::vector<fs::path> documents = {"README.md"};
  for (const char* folder : {"docs", "labs"}) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.path().extension() == ".md") documents.push_back(entry.path());
    }
  }
  return documents;
}

TEST(SnippetsTest, CodeInTheDocsIsCodeThatIsBuilt) {
  std::size_t blocks = 0;
  for (const fs::path& document : Documents()) {
    for (const Block& block : BlocksOf(document)) {
      ++blocks;
      ASSERT_FALSE(block.from.empty())
          << block.where << ": the line before a code block is <!-- from: FILE -->";
      const std::vector<std::string> file = ReadTrimmed(block.from);
      EXPECT_NE(std::search(file.begin(), file.end(), block.lines.begin(), block.lines.end()),
                file.end())
          << block.where << " is not, or no longer, what " << block.from << " says";
    }
  }
  EXPECT_GT(blocks, 0u);
}

TEST(SnippetsTest, NothingIsLeftToFillIn) {
  static const std::regex placeholder("^@[A-Z0-9_]+@$");
  for (const fs::path& document : Documents()) {
    for (const std::string& line : ReadTrimmed(document)) {
      EXPECT_FALSE(std::regex_match(line, placeholder)) << document << ": " << line;
    }
  }
}

TEST(SnippetsTest, LinksLeadSomewhere) {
  static const std::regex link(R"(\]\(([^)#:]+)(#[^)]*)?\))");
  for (const fs::path& document : Documents()) {
    std::ifstream in(document);
    for (std::string line; std::getline(in, line);) {
      for (std::sregex_iterator found(line.begin(), line.end(), link), end; found != end; ++found) {
        const fs::path target = document.parent_path() / (*found)[1].str();
        EXPECT_TRUE(fs::exists(target)) << document << " links to " << (*found)[1].str();
      }
    }
  }
}

}  // namespace
