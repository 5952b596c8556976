#include "grader/processes/fencing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quorum::grader {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Fencing, AllowsWhatOneLockMayAnswer) {
  EXPECT_THAT(CheckFencing({}), IsEmpty());
  EXPECT_THAT(CheckFencing({{1, 3, 0, 10}, {2, 5, 4, 20}, {1, 6, 15, 30}}), IsEmpty());
  // Whoever has not been answered yet may have had it first.
  EXPECT_THAT(CheckFencing({{1, 2, 0, 50}, {2, 1, 10, 60}}), IsEmpty());
}

TEST(Fencing, FindsTwoHolders) {
  EXPECT_THAT(CheckFencing({{1, 4, 0, 10}, {2, 4, 0, 12}}),
              ElementsAre(HasSubstr("Two held the lock at once")));
}

TEST(Fencing, FindsATokenThatFalls) {
  EXPECT_THAT(CheckFencing({{1, 4, 0, 10}, {2, 3, 11, 20}}),
              ElementsAre("A resource would refuse client 2 with generation 3, who asked after the "
                          "answer to client 1 with generation 4."));
}

}  // namespace
}  // namespace quorum::grader
