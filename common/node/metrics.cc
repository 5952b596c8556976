#include "common/node/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <exception>
#include <mutex>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/env/real/clock.h"
#include "common/node/process_metrics.h"

namespace quorum {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildHistogram;
using prometheus::Counter;
using prometheus::Family;
using prometheus::Histogram;

/// In seconds: from what a cached answer takes to what a patient client waits.
const Histogram::BucketBoundaries kBuckets = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                              0.025,  0.05,    0.1,    0.25,  0.5,    1,     5};

double SecondsSince(Time begin) {
  return std::chrono::duration<double>(MonotonicNow() - begin).count();
}

std::string CodeOf(const absl::Status& status) { return absl::StatusCodeToString(status.code()); }

class Registered final : public Metrics {
 public:
  /// Throws if the port is not to be had.
  explicit Registered(int port) : exposer_(absl::StrCat("127.0.0.1:", port), 1) {
    exposer_.RegisterCollectable(registry_);
    exposer_.RegisterCollectable(process_);
  }
  int port() const override { return exposer_.GetListeningPorts().front(); }

 private:
  Family<Counter>& Counters(const char* name, const char* help) {
    return BuildCounter().Name(name).Help(help).Register(*registry_);
  }
  Family<Histogram>& Histograms(const char* name, const char* help) {
    return BuildHistogram().Name(name).Help(help).Register(*registry_);
  }

  const std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  const std::shared_ptr<prometheus::Collectable> process_ = MakeProcessMetrics();

 public:
  Family<Counter>& served =
      Counters("quorum_requests_total", "Requests answered, by method and outcome.");
  Family<Histogram>& serving =
      Histograms("quorum_request_seconds", "From a request's arrival to its answer, by method.");
  Family<Counter>& called =
      Counters("quorum_calls_total", "Calls of other nodes that have ended, by peer and outcome.");
  Counter& writes = Counters("quorum_writes_total", "Batches written to the disk.").Add({});
  Counter& written =
      Counters("quorum_written_bytes_total", "Bytes of their keys and values.").Add({});
  Counter& refused =
      Counters("quorum_refused_writes_total", "Batches that the disk refused.").Add({});
  Histogram& flushes =
      Histograms("quorum_flush_seconds", "How long the disk takes to make writes durable.")
          .Add({}, kBuckets);

 private:
  prometheus::Exposer exposer_;
};

class MeasuredTransport final : public Transport {
 public:
  MeasuredTransport(std::shared_ptr<Registered> metrics, std::unique_ptr<Transport> transport)
      : metrics_(std::move(metrics)), transport_(std::move(transport)) {}

  absl::Status Start(Handler handler) override {
    return transport_->Start([this, handler = std::move(handler)](Request request) mutable {
      request.reply = Counted(NameOf(request.path), std::move(request.reply));
      handler(std::move(request));
    });
  }

  void Announce(const std::string& path) override {
    {
      std::lock_guard lock(mutex_);
      announced_.insert(path);
    }
    transport_->Announce(path);
  }

  void Call(NodeId peer, const std::string& path, std::string bytes, Time deadline,
            Done done) override {
    transport_->Call(
        peer, path, std::move(bytes), deadline,
        [metrics = metrics_, peer, done = std::move(done)](absl::Status status,
                                                           std::string response) mutable {
          metrics->called.Add({{"peer", absl::StrCat(peer)}, {"code", CodeOf(status)}}).Increment();
          done(std::move(status), std::move(response));
        });
  }

  void Stop() override { transport_->Stop(); }

 private:
  /// Whoever calls chooses the path; only those that are served are worth a line.
  std::string NameOf(const std::string& path) {
    std::lock_guard lock(mutex_);
    return announced_.contains(path) ? path : "other";
  }

  Done Counted(std::string method, Done reply) {
    return [metrics = metrics_, method = std::move(method), begin = MonotonicNow(),
            reply = std::move(reply)](const absl::Status& status, std::string response) mutable {
      metrics->served.Add({{"method", method}, {"code", CodeOf(status)}}).Increment();
      metrics->serving.Add({{"method", method}}, kBuckets).Observe(SecondsSince(begin));
      reply(status, std::move(response));
    };
  }

  const std::shared_ptr<Registered> metrics_;
  std::mutex mutex_;
  std::set<std::string> announced_;
  const std::unique_ptr<Transport> transport_;
};

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

absl::StatusOr<std::shared_ptr<Metrics>> Metrics::Serve(int port) {
  try {
    return std::make_shared<Registered>(port);
  } catch (const std::exception& error) {
    return absl::FailedPreconditionError(absl::StrCat(
        "Metrics cannot be served on 127.0.0.1:", port, ": the port is taken or not ours."));
  }
}

std::unique_ptr<Transport> Metrics::Measure(std::shared_ptr<Metrics> metrics,
                                            std::unique_ptr<Transport> transport) {
  return std::make_unique<MeasuredTransport>(std::static_pointer_cast<Registered>(metrics),
                                             std::move(transport));
}

std::unique_ptr<DurableStore> Metrics::Measure(std::shared_ptr<Metrics> metrics,
                                               std::unique_ptr<DurableStore> store) {
  return std::make_unique<MeasuredStore>(std::static_pointer_cast<Registered>(metrics),
                                         std::move(store));
}

}  // namespace quorum
