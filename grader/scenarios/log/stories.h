#pragma once

#include "grader/check/statement.h"
#include "grader/scenarios/log/bounds.h"
#include "grader/scenarios/log/register_room.h"
#include "grader/scenarios/stage.h"

/// Stories that are told of any replicated log. A lab makes the room, and tells what its rules say.
namespace quorum::grader {

inline constexpr char kDeposed[] = "another node led while commands waited at the deposed leader";
inline constexpr char kReadAtDeposed[] =
    "a client read at the deposed leader after another one had written";

/// A network that works. A command costs no more messages than `budget` says: 4 (n - 1), and a
/// heartbeat with its answer every 20 ms.
void TellCalm(Stage& stage, RegisterRoom& room, const Statement& budget);

/// Leader after leader is taken away, by death or by cutting it off.
void TellChangingLeaders(Stage& stage, RegisterRoom& room);

/// What another leader decided at an index is no answer to who had proposed there.
void TellDeposedProposer(Stage& stage, RegisterRoom& room);

/// A leader that is one no more must not answer from memory.
void TellDeposedReader(Stage& stage, RegisterRoom& room);

/// From now on judges how much each node keeps (bounds.h); entries have keys under `entry_prefix`.
BoundedLog& WatchBounds(Stage& stage, const BoundStatements& statements,
                        std::string_view entry_prefix);

/// Appends `commands` values of this length at least, ten under way at a time, and lets `pause`
/// pass after each ten.
void Load(RegisterRoom& room, int commands, std::size_t length, sim::SimTime pause = 0);

/// A node misses hundreds of commands, and comes back when nobody has them any more.
void TellLateComer(Stage& stage, RegisterRoom& room);

/// Far more commands than may be kept; at the end all nodes end, and are weighed.
void TellEndlessLoad(Stage& stage, RegisterRoom& room, BoundedLog& bounds);

}  // namespace quorum::grader
