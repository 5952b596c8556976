#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/rpc/transport.h"
#include "common/storage/durable_store.h"

namespace quorum {

/// What can be measured of a node from outside, in the text form of Prometheus: what it serves and
/// calls, by method and outcome, how long that takes, what it writes and flushes, and what its
/// process uses. The node itself knows nothing of it.
class Metrics {
 public:
  virtual ~Metrics() = default;

  /// Answers GET /metrics on `port` of 127.0.0.1, as long as somebody holds on to the result; 0
  /// takes any free port. The error says why it cannot.
  static absl::StatusOr<std::shared_ptr<Metrics>> Serve(int port);

  /// Where it answers.
  virtual int port() const = 0;

  /// The same transport or disk, counted.
  static std::unique_ptr<Transport> Measure(std::shared_ptr<Metrics> metrics,
                                            std::unique_ptr<Transport> transport);
  static std::unique_ptr<DurableStore> Measure(std::shared_ptr<Metrics> metrics,
                                               std::unique_ptr<DurableStore> store);
};

}  // namespace quorum
