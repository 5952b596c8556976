#include "common/node/measured_store.h"

#include <utility>

namespace quorum {
namespace {

class MeasuredStore final : public DurableStore {
 public:
  MeasuredStore(std::shared_ptr<Registered> metrics, std::unique_ptr<DurableStore> store)
      : metrics_(std::move(metrics)), store_(std::move(store)) {}

  std::optional<std::string> Get(std::string_view key) const override { return store_->Get(key); }
  void Scan(std::string_view prefix,
            absl::FunctionRef<bool(std::string_view, std::string_view)> visit) const override {
    store_->Scan(prefix, visit);
  }

  absl::Status Append(const WriteBatch& batch) override {
    absl::Status status = store_->Append(batch);
    if (!status.ok()) {
      metrics_->refused.Increment();
      return status;
    }
    metrics_->writes.Increment();
    std::size_t bytes = 0;
    for (const auto& change : batch.changes()) {
      bytes += change.key.size() + (change.value ? change.value->size() : 0);
    }
    metrics_->written.Increment(static_cast<double>(bytes));
    return status;
  }

  absl::Status Flush() override {
    const Time begin = MonotonicNow();
    absl::Status status = store_->Flush();
    metrics_->flushes.Observe(SecondsSince(begin));
    return status;
  }

 private:
  const std::shared_ptr<Registered> metrics_;
  const std::unique_ptr<DurableStore> store_;
};

}  // namespace

std::unique_ptr<DurableStore> MeasureStore(std::shared_ptr<Registered> metrics,
                                           std::unique_ptr<DurableStore> store) {
  return std::make_unique<MeasuredStore>(std::move(metrics), std::move(store));
}

}  // namespace quorum
