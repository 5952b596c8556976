// Replaces two functions of libstdc++ by ones that behave just as correctly, but otherwise, in a
// process whose environment says so: the hash of a string, and the growth of unordered containers.
// Code whose outcome depends on either is wrong, since both differ between libraries; here it
// shows. Modules and libraries find these definitions because the executable exports them.

#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <unordered_map>

#include "grader/run/perturb.h"
#include "grader/sim/rng.h"

namespace quorum::run {
namespace {

// Constructors of libraries that run before main already hash: the salt must never change.
std::uint64_t HashSalt() {
  static const std::uint64_t salt = [] {
    const char* text = std::getenv(kHashSaltVariable);
    return text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
  }();
  return salt;
}

std::uint64_t HashBytes(const void* data, std::size_t size, std::uint64_t hash) {
  const auto* bytes = static_cast<const unsigned char*>(data);
  std::uint64_t word = 0;
  for (; size >= sizeof(word); bytes += sizeof(word), size -= sizeof(word)) {
    std::memcpy(&word, bytes, sizeof(word));
    hash = sim::Combine(hash, word);
  }
  word = size;
  if (size > 0) std::memcpy(&word, bytes, size);  // an empty view may point nowhere
  return sim::Combine(hash, word + (std::uint64_t{size} << 56));
}

/// A number of buckets, odd and at least `least`, that depends on the salt.
std::size_t Buckets(std::size_t least, std::uint64_t salt) {
  return (least + sim::Combine(salt, least) % (least + 3)) | 1;
}

/// Grows before the load factor is reached, when the salt says so.
bool IsFull(std::size_t buckets, std::size_t elements, float max_load, std::uint64_t salt) {
  const double share = 0.6 + 0.4 * static_cast<double>(sim::Combine(salt, buckets) % 1000) / 1000;
  return static_cast<double>(elements) > static_cast<double>(buckets) * max_load * share;
}

/// The definition that this one stands before.
template <class Function>
Function Original(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace
}  // namespace quorum::run

namespace std {

using quorum::run::Original;

size_t _Hash_bytes(const void* data, size_t size, size_t seed) {
  if (const uint64_t salt = quorum::run::HashSalt()) {
    return quorum::run::HashBytes(data, size, salt + seed);
  }
  static const auto original =
      Original<size_t (*)(const void*, size_t, size_t)>("_ZSt11_Hash_bytesPKvmm");
  return original(data, size, seed);
}

namespace __detail {

size_t _Prime_rehash_policy::_M_next_bkt(size_t least) const {
  if (const uint64_t salt = quorum::run::HashSalt()) return quorum::run::Buckets(least, salt);
  static const auto original = Original<size_t (*)(const _Prime_rehash_policy*, size_t)>(
      "_ZNKSt8__detail20_Prime_rehash_policy11_M_next_bktEm");
  return original(this, least);
}

pair<bool, size_t> _Prime_rehash_policy::_M_need_rehash(size_t buckets, size_t elements,
                                                        size_t more) const {
  if (const uint64_t salt = quorum::run::HashSalt()) {
    if (!quorum::run::IsFull(buckets, elements + more, _M_max_load_factor, salt)) return {false, 0};
    const double enough = static_cast<double>(elements + more) / (0.6 * _M_max_load_factor);
    return {true, quorum::run::Buckets(static_cast<size_t>(enough) + 1, salt)};
  }
  using Function = pair<bool, size_t> (*)(const _Prime_rehash_policy*, size_t, size_t, size_t);
  static const auto original =
      Original<Function>("_ZNKSt8__detail20_Prime_rehash_policy14_M_need_rehashEmmm");
  return original(this, buckets, elements, more);
}

}  // namespace __detail
}  // namespace std
