#include "grader/run/perturb.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "grader/run/sanitizer.h"
#include "grader/sim/rng.h"

namespace quorum::run {
namespace {

/// Runs the test `name` of this program once more, in a process with that hash salt.
int RunSalted(const std::string& name, const std::string& salt) {
  setenv(kHashSaltVariable, salt.c_str(), 1);
  const std::string program = std::filesystem::read_symlink("/proc/self/exe");
  const int code = std::system((program + " --gtest_filter=" + name + " > /dev/null").c_str());
  unsetenv(kHashSaltVariable);
  return code;
}

bool IsSalted() { return std::getenv(kHashSaltVariable) != nullptr; }

TEST(HashSaltTest, UnorderedContainersStayCorrect) {
  if (!IsSalted()) {
    for (const char* salt : {"1", "2", "77", "18446744073709551615"}) {
      EXPECT_EQ(RunSalted("HashSaltTest.UnorderedContainersStayCorrect", salt), 0) << salt;
    }
  }
  EXPECT_EQ(std::hash<std::string_view>()(std::string_view()), std::hash<std::string_view>()(""));
  sim::Rng random(1);
  std::unordered_map<std::string, std::uint64_t> tested;
  std::map<std::string, std::uint64_t> model;
  for (int step = 0; step < 50'000; ++step) {
    const std::string key = std::to_string(random.Below(3'000));
    switch (random.Below(4)) {
      case 0:
        EXPECT_EQ(tested.erase(key), model.erase(key));
        break;
      case 1:
        tested.reserve(random.Below(10'000));
        break;
      default:
        tested[key] = model[key] = random.Next();
    }
    ASSERT_EQ(tested.size(), model.size());
    ASSERT_LE(tested.load_factor(), tested.max_load_factor());
  }
  EXPECT_EQ((std::map<std::string, std::uint64_t>(tested.begin(), tested.end())), model);
}

/// The order in which an unordered container of a few strings and numbers comes out.
std::string Order() {
  std::unordered_set<std::string> texts;
  std::unordered_set<int> numbers;
  for (int i = 0; i < 12; ++i) {
    texts.insert("node-" + std::to_string(i));
    numbers.insert(i * 37);
  }
  std::string order;
  for (const std::string& text : texts) order += text + " ";
  for (const int number : numbers) order += std::to_string(number) + " ";
  return order;
}

TEST(HashSaltTest, OrdersDiffer) {
  static constexpr const char* kUnsalted = "QUORUM_TEST_UNSALTED_ORDER";
  if (IsSalted()) {
    EXPECT_NE(Order(), std::getenv(kUnsalted));
    return;
  }
  setenv(kUnsalted, Order().c_str(), 1);
  EXPECT_EQ(RunSalted("HashSaltTest.OrdersDiffer", "5"), 0);
  EXPECT_EQ(RunSalted("HashSaltTest.OrdersDiffer", "6"), 0);
}

TEST(HeapPerturbationTest, ObjectsDoNotLieInTheOrderInWhichTheyAreMade) {
  if (IsSanitized()) GTEST_SKIP() << "The sanitizer keeps what is freed.";
  const HeapPerturbation perturbed(9);
  std::vector<std::unique_ptr<int>> made;
  int rising = 0;
  for (int i = 0; i < 100; ++i) {
    made.push_back(std::make_unique<int>(i));
    if (i > 0 && made[i - 1].get() < made[i].get()) ++rising;
  }
  EXPECT_GT(rising, 20);
  EXPECT_LT(rising, 80);
}

}  // namespace
}  // namespace quorum::run
