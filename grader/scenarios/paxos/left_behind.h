#pragma once

#include <string>

#include "common/log/register.pb.h"
#include "grader/check/statement.h"
#include "labs/lab2_paxos/paxos.h"

/// What a leader that is gone has left on the disks of others.
namespace quorum::grader::paxos {

inline constexpr Statement kHolesFilled = {
    "paxos.holes-filled",
    "A new leader proposes a no-op in every slot below the last used one in which nothing was "
    "reported, or nothing behind it could ever be applied.",
    "Paxos Made Simple, section 3; handout 2C, step 4"};

/// The register's command that appends `value`.
inline std::string AppendCommand(const std::string& value) {
  log::RegisterCommand command;
  command.set_append(value);
  return command.SerializeAsString();
}

inline quorum::paxos::Entry MakeEntry(std::uint64_t slot, const quorum::paxos::Ballot& ballot,
                                      const std::string& command) {
  quorum::paxos::Entry entry;
  entry.set_index(slot);
  *entry.mutable_ballot() = ballot;
  entry.set_command(command);
  return entry;
}

}  // namespace quorum::grader::paxos
