#pragma once

#include <memory>

#include "common/node/registered_metrics.h"
#include "common/rpc/transport.h"

namespace quorum {

/// Counts and times what passes through `transport`.
std::unique_ptr<Transport> MeasureTransport(std::shared_ptr<Registered> metrics,
                                            std::unique_ptr<Transport> transport);

}  // namespace quorum
