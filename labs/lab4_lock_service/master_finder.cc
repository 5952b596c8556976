#include "labs/lab4_lock_service/master_finder.h"

#include <algorithm>

#include "common/env/not_written.h"

namespace quorum::lock_service {
namespace {

using namespace std::chrono_literals;

constexpr Duration kCallTimeout = 200ms;

}  // namespace

void MasterFinder::Failed(NodeId asked) {
  NotWritten("Turn to the next server, and to whom it takes for the master (section 2.1; handout "
             "4B, step 6).");
}

}  // namespace quorum::lock_service
