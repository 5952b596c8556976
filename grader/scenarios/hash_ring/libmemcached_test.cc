// A ketama ring routes every key to the server to which the installed libmemcached routes it.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libmemcached/memcached.h>

#include <cmath>
#include <memory>
#include <set>

#include "common/node/module_loader.h"
#include "grader/scenarios/hash_ring/ring_model.h"

namespace quorum::grader {
namespace {

using hash_ring::HashRing;
using hash_ring::RingOptions;
using hash_ring::Scheme;

std::vector<std::string> Servers(int count) {
  std::vector<std::string> servers;
  for (int i = 0; i < count; ++i) servers.push_back(fmt::format("10.7.{}.{}", i / 7, 11 * i));
  return servers;
}

/// A memcached client; it computes routes without a connection.
class Client {
 public:
  explicit Client(const std::vector<std::string>& servers)
      : memcached_(memcached_create(nullptr), memcached_free) {
    memcached_behavior_set(memcached_.get(), MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED, 1);
    for (const std::string& server : servers) {
      memcached_server_add_with_weight(memcached_.get(), server.c_str(), 11211, 1);
    }
  }

  std::uint32_t Route(std::string_view key) const {
    return memcached_generate_hash(memcached_.get(), key.data(), key.size());
  }

 private:
  std::unique_ptr<memcached_st, decltype(&memcached_free)> memcached_;
};

std::unique_ptr<HashRing> Reference() {
  const auto module = LoadModule(SOLUTION);
  EXPECT_TRUE(module.ok()) << module.status();
  for (const Role& role : (*module)->roles) {
    if (std::string_view(role.name) == hash_ring::kRingRole) {
      return reinterpret_cast<hash_ring::RingFactory>(role.part)({.scheme = Scheme::kKetama});
    }
  }
  return nullptr;
}

/// Whether the library gives each of so many equal servers 156 points: it computes their number in
/// float, and truncates.
bool RoundsDown(int servers) {
  const float share = 1.0F / static_cast<float>(servers);
  return std::floor(static_cast<float>(share * 40 * static_cast<float>(servers) + 1e-10)) == 39;
}

TEST(LibmemcachedTest, RoutesEveryKeyToTheSameServer) {
  for (int count = 1; count <= 60; ++count) {
    if (RoundsDown(count)) continue;  // 25, 47, 50, 55
    const std::vector<std::string> servers = Servers(count);
    const Client client(servers);
    const std::unique_ptr<HashRing> ring = Reference();
    RingModel model({.scheme = Scheme::kKetama});
    for (const std::string& server : servers) {
      ASSERT_TRUE(ring->Add(server, 1).ok());
      ASSERT_TRUE(model.Add(server, 1).ok());
    }
    for (int i = 0; i < 20'000; ++i) {
      const std::string key = fmt::format("user:{}:session", i * 7919);
      const std::string& theirs = servers[client.Route(key)];
      ASSERT_EQ(*ring->Owner(key), theirs) << key << " of " << count << " servers";
      if (i % 10 == 0) {
        ASSERT_EQ(*model.Owner(key), theirs) << key;
      }
    }
  }
}

TEST(LibmemcachedTest, DisagreesOnlyWhereItRoundsDown) {
  for (int count = 1; count <= 100; ++count) {  // it asserts that there are no more
    if (!RoundsDown(count)) continue;
    const std::vector<std::string> servers = Servers(count);
    const Client client(servers);
    const std::unique_ptr<HashRing> ring = Reference();
    for (const std::string& server : servers) ASSERT_TRUE(ring->Add(server, 1).ok());
    int elsewhere = 0;
    for (int i = 0; i < 10'000; ++i) {
      const std::string key = fmt::format("user:{}", i);
      elsewhere += *ring->Owner(key) != servers[client.Route(key)];
    }
    EXPECT_GT(elsewhere, 0) << count << ": the exception is no longer one";
    EXPECT_LT(elsewhere, 500) << count << ": one point in forty is missing, and no more";
  }
}

/// Routes of a change: what moves when a server leaves moves in both alike.
TEST(LibmemcachedTest, StaysEqualWhenAServerLeaves) {
  std::vector<std::string> servers = Servers(9);
  const std::unique_ptr<HashRing> ring = Reference();
  for (const std::string& server : servers) ASSERT_TRUE(ring->Add(server, 1).ok());
  while (servers.size() > 1) {
    ASSERT_TRUE(ring->Remove(servers[servers.size() / 2]).ok());
    servers.erase(servers.begin() + servers.size() / 2);
    const Client client(servers);
    for (int i = 0; i < 5'000; ++i) {
      const std::string key = std::to_string(i);
      ASSERT_EQ(*ring->Owner(key), servers[client.Route(key)]) << key;
    }
  }
}

/// The hash of a key in libhashkit's own fixtures.
TEST(LibmemcachedTest, PositionsOfKeysAreThePublishedOnes) {
  const RingModel model({.scheme = Scheme::kKetama});
  EXPECT_EQ(model.PositionOf("apple"), 3195025439u);
  EXPECT_EQ(model.PositionOf("beat"), 2556848621u);
  EXPECT_EQ(model.PositionOf("zip"), 2042482093u);
  EXPECT_EQ(model.PositionOf("The quick brown fox jumps over the lazy dog"), 2642219166u);
  EXPECT_EQ(model.PositionOf("VDEAAAAA"), 0xfffcd1b5u);
  EXPECT_EQ(model.PositionOf("SVa_]_V41)"), 443691461u);
}

}  // namespace
}  // namespace quorum::grader
