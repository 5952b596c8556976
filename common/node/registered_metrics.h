#pragma once

#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/env/real/clock.h"
#include "common/node/metrics.h"
#include "common/node/process_metrics.h"

namespace quorum {

/// The bounds of histograms, in seconds: from what a cached answer takes to what a patient client
/// waits.
inline const prometheus::Histogram::BucketBoundaries kBuckets = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5};

inline double SecondsSince(Time begin) {
  return std::chrono::duration<double>(MonotonicNow() - begin).count();
}

/// What a node counts and times, by the name under which Prometheus sees it.
class Registered final : public Metrics {
 public:
  /// Throws if the port is not to be had.
  explicit Registered(int port) : exposer_(absl::StrCat("127.0.0.1:", port), 1) {
    exposer_.RegisterCollectable(registry_);
    exposer_.RegisterCollectable(process_);
  }
  int port() const override { return exposer_.GetListeningPorts().front(); }

 private:
  prometheus::Family<prometheus::Counter>& Counters(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(*registry_);
  }
  prometheus::Family<prometheus::Histogram>& Histograms(const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(*registry_);
  }

  const std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  const std::shared_ptr<prometheus::Collectable> process_ = MakeProcessMetrics();

 public:
  prometheus::Family<prometheus::Counter>& served =
      Counters("quorum_requests_total", "Requests answered, by method and outcome.");
  prometheus::Family<prometheus::Histogram>& serving =
      Histograms("quorum_request_seconds", "From a request's arrival to its answer, by method.");
  prometheus::Family<prometheus::Counter>& called =
      Counters("quorum_calls_total", "Calls of other nodes that have ended, by peer and outcome.");
  prometheus::Counter& writes =
      Counters("quorum_writes_total", "Batches written to the disk.").Add({});
  prometheus::Counter& written =
      Counters("quorum_written_bytes_total", "Bytes of their keys and values.").Add({});
  prometheus::Counter& refused =
      Counters("quorum_refused_writes_total", "Batches that the disk refused.").Add({});
  prometheus::Histogram& flushes =
      Histograms("quorum_flush_seconds", "How long the disk takes to make writes durable.")
          .Add({}, kBuckets);

 private:
  prometheus::Exposer exposer_;
};

}  // namespace quorum
