#include "grader/sim/trace.h"

#include <xxhash.h>

#include <algorithm>

#include "common/env/check.h"

namespace quorum::sim {
namespace {

constexpr std::size_t kMostPayload = std::size_t{1} << 32;

}  // namespace

void Trace::Add(TraceRecord record, std::string_view payload) {
  const std::uint64_t words[] = {
      static_cast<std::uint64_t>(record.at), record.id,
      (static_cast<std::uint64_t>(record.node) << 32) | record.peer,
      (static_cast<std::uint64_t>(record.kind) << 32) | (record.flag << 16) | record.method,
      payload.empty() ? 0 : XXH3_64bits(payload.data(), payload.size())};
  hash_ = XXH3_64bits_withSeed(words, sizeof words, hash_);
  ++size_;
  if (!keep_) return;
  Check(payloads_.size() + payload.size() < kMostPayload, "A kept trace is smaller than 4 GiB.");
  record.payload_at = static_cast<std::uint32_t>(payloads_.size());
  payloads_.append(payload);
  records_.push_back(record);
}

std::uint16_t Trace::MethodNumber(std::string_view path) {
  const auto found = std::find(methods_.begin(), methods_.end(), path);
  if (found != methods_.end()) return static_cast<std::uint16_t>(found - methods_.begin());
  methods_.emplace_back(path);
  return static_cast<std::uint16_t>(methods_.size() - 1);
}

}  // namespace quorum::sim
