#pragma once

#include "common/env/time.h"

namespace quorum::bench {

/// What a durable put costs at the very least, as three processes, one behind the other: a call to
/// one server, from there a call to another one, which writes as much to a file, flushes it, and
/// answers. They are plain gRPC, without Env, RocksDB and Raft. Its median; so many are tried.
Duration MeasureFloor(int puts);

/// What the servers of `MeasureFloor` run: `behind` is the address of the next one; empty: none.
int ServeFloor(const char* behind);

}  // namespace quorum::bench
