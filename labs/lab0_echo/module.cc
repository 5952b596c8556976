#include "common/env/module.h"

#include "labs/lab0_echo/echo.h"

namespace {

constexpr quorum::Role kRoles[] = {
    {.name = "echo.server", .node = quorum::echo::MakeEchoServer},
    {.name = "echo.client", .node = quorum::echo::MakeEchoClient},
};

}  // namespace

extern "C" __attribute__((visibility("default"))) const quorum::ModuleTable quorum_module = {
    .abi_stamp = quorum::kAbiStamp, .lab = "echo", .roles = kRoles};
