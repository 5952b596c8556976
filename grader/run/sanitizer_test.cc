#include "grader/run/sanitizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quorum::run {
namespace {

TEST(SanitizerReportTest, EndsAStackWhereTheGraderBegins) {
  const std::string report = SanitizerReport(
      "Something before.\n"
      "=================\n"
      "==7==ERROR: AddressSanitizer: heap-buffer-overflow\n"
      "    #0 0x1 in std::string::size() const /usr/include/c++/12/bits/basic_string.h:234\n"
      "    #1 0x2 in Owner ../../labs/lab1_hash_ring/hash_ring.cc:32\n"
      "    #2 0x3 in quorum::grader::PlayedRing::Owner() "
      "../../grader/scenarios/played_ring.cc:145\n"
      "    #3 0x4 in PlayGuarded ../../grader/run/play.cc:82\n"
      "    #4 0x5 in __libc_start_call_main ../sysdeps/nptl/libc_start_call_main.h:58\n"
      "allocated by thread T0 here:\n"
      "    #0 0x6 in operator new(unsigned long) ../asan_new_delete.cpp:95\n"
      "    #1 0x7 in Add ../../labs/lab1_hash_ring/hash_ring.cc:13\n"
      "    #2 0x8 in quorum::grader::PlayedRing::Add() ../../grader/scenarios/played_ring.cc:100\n"
      "SUMMARY: AddressSanitizer: heap-buffer-overflow\n"
      "Shadow bytes around the buggy address:\n");
  EXPECT_EQ(report,
            "=================\n"
            "==7==ERROR: AddressSanitizer: heap-buffer-overflow\n"
            "    #0 0x1 in std::string::size() const /usr/include/c++/12/bits/basic_string.h:234\n"
            "    #1 0x2 in Owner ../../labs/lab1_hash_ring/hash_ring.cc:32\n"
            "allocated by thread T0 here:\n"
            "    #0 0x6 in operator new(unsigned long) ../asan_new_delete.cpp:95\n"
            "    #1 0x7 in Add ../../labs/lab1_hash_ring/hash_ring.cc:13\n"
            "SUMMARY: AddressSanitizer: heap-buffer-overflow\n");
}

TEST(SanitizerReportTest, KeepsAStackOfTheGradersOwn) {
  const std::string report =
      "=================\n"
      "    #0 0x1 in memcpy ../sanitizer_common_interceptors.inc:1\n"
      "    #1 0x2 in quorum::grader::Disk::Read() ../../grader/sim/disk.cc:5\n"
      "    #2 0x3 in main ../../grader/cli/main.cc:9\n";
  EXPECT_EQ(SanitizerReport(report), report);
}

}  // namespace
}  // namespace quorum::run
