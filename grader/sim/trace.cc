#include "grader/sim/trace.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "common/env/check.h"

namespace quorum::sim {
namespace {

constexpr std::size_t kMostPayload = std::size_t{1} << 32;
constexpr std::uint32_t kDeleted = ~std::uint32_t{0};

void AppendNumber(std::string& text, std::size_t number) {
  const auto small = static_cast<std::uint32_t>(number);
  text.append(reinterpret_cast<const char*>(&small), sizeof small);
}

bool TakeNumber(std::string_view& text, std::uint32_t& number) {
  if (text.size() < sizeof number) return false;
  std::memcpy(&number, text.data(), sizeof number);
  text.remove_prefix(sizeof number);
  return true;
}

bool TakeText(std::string_view& text, std::size_t size, std::string_view& taken) {
  if (text.size() < size) return false;
  taken = text.substr(0, size);
  text.remove_prefix(size);
  return true;
}

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

std::string EncodeBatch(const WriteBatch& batch) {
  std::string payload;
  for (const WriteBatch::Change& change : batch.changes()) {
    AppendNumber(payload, change.key.size());
    AppendNumber(payload, change.value ? change.value->size() : kDeleted);
    payload += change.key;
    if (change.value) payload += *change.value;
  }
  return payload;
}

WriteBatch DecodeBatch(std::string_view payload) {
  WriteBatch batch;
  while (!payload.empty()) {
    std::uint32_t key_size = 0;
    std::uint32_t value_size = 0;
    std::string_view key;
    std::string_view value;
    if (!TakeNumber(payload, key_size) || !TakeNumber(payload, value_size)) return {};
    if (!TakeText(payload, key_size, key)) return {};
    if (value_size == kDeleted) {
      batch.Delete(key);
    } else if (TakeText(payload, value_size, value)) {
      batch.Put(key, value);
    } else {
      return {};
    }
  }
  return batch;
}

}  // namespace quorum::sim
