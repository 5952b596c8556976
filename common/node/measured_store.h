#pragma once

#include <memory>

#include "common/node/registered_metrics.h"
#include "common/storage/durable_store.h"

namespace quorum {

/// Counts and times what is written to `store`.
std::unique_ptr<DurableStore> MeasureStore(std::shared_ptr<Registered> metrics,
                                           std::unique_ptr<DurableStore> store);

}  // namespace quorum
