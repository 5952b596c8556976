#include "grader/sim/debug_break.h"

extern "C" __attribute__((noinline, visibility("default"))) void quorum_debug_break_here() {
  asm volatile("");  // so that no optimiser takes the call away
}
