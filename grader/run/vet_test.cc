#include "grader/run/vet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grader/run/testing/testing_modules.h"
#include "grader/run/vet_rules.h"

namespace quorum::run {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ModuleFile;

std::vector<std::string> Vet(const std::string& behaviour) {
  const auto findings = VetModule(ModuleFile(behaviour));
  EXPECT_TRUE(findings.ok()) << findings.status();
  return *findings;
}

TEST(VetTest, AWellBehavedModulePasses) { EXPECT_THAT(Vet("well_behaved"), IsEmpty()); }

TEST(VetTest, StandardContainersLeaveNoTrace) {
  EXPECT_THAT(Vet("pointer_order"), IsEmpty());
  EXPECT_THAT(Vet("unordered_order"), IsEmpty());
  EXPECT_THAT(Vet("absl_order"), IsEmpty());
  EXPECT_THAT(Vet("throws"), IsEmpty());
}

TEST(VetTest, ImportsAreNamedWithWhatToUseInstead) {
  EXPECT_THAT(Vet("random_device"),
              Contains(AllOf(HasSubstr("std::random_device"), HasSubstr("env.Random()"))));
  EXPECT_THAT(Vet("wall_clock"),
              Contains(AllOf(HasSubstr("system_clock::now"), HasSubstr("env.Now()"))));
  EXPECT_THAT(Vet("thread"), Contains(AllOf(HasSubstr("starts a thread"), HasSubstr("env.After"))));
  EXPECT_THAT(Vet("prints"), ElementsAre(AllOf(HasSubstr("std::cout"), HasSubstr("env.Log"))));
}

TEST(VetTest, VariablesAreNamed) {
  EXPECT_THAT(Vet("global"),
              ElementsAre(HasSubstr("The variable quorum::run::testing::calls_so_far belongs")));
  EXPECT_THAT(Vet("function_static"), ElementsAre(HasSubstr("Behave(unsigned long)::remembered")));
  EXPECT_THAT(Vet("thread_local"),
              ElementsAre(AllOf(HasSubstr("thread_local"), HasSubstr("::calls_here"))));
}

TEST(VetTest, AFileThatIsNoModuleIsAnError) {
  EXPECT_FALSE(VetModule("CMakeLists.txt").ok());
  EXPECT_FALSE(VetModule("no such file").ok());
}

TEST(VetRulesTest, MatchesWholeNames) {
  EXPECT_NE(FindImportRule("time", "time"), nullptr);
  EXPECT_NE(FindImportRule("__printf_chk", "__printf_chk"), nullptr);
  EXPECT_EQ(FindImportRule("strftime", "strftime"), nullptr);
  EXPECT_EQ(FindImportRule("memmove", "memmove"), nullptr);
}

}  // namespace
}  // namespace quorum::run
