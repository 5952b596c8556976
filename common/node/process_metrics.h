#pragma once

#include <prometheus/collectable.h>

#include <memory>

namespace quorum {

/// What this process uses of its machine, under the names that Prometheus' own libraries give it.
std::shared_ptr<prometheus::Collectable> MakeProcessMetrics();

}  // namespace quorum
