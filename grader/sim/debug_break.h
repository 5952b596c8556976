#pragma once

/// Does nothing. A debugger stops here: the next student code that runs is that of the handler
/// which `WorldOptions::break_at_handler` names.
extern "C" void quorum_debug_break_here();
