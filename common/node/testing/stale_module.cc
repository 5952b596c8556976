// A module that was built against other headers.

#include "common/env/module.h"

extern "C" __attribute__((visibility("default")))
const quorum::ModuleTable quorum_module = {.abi_stamp = "yesterday", .lab = "counter", .roles = {}};
