#pragma once

#include <string>

#include "labs/lab2_paxos/paxos.h"

/// What a scenario that plays a proposer of one decision asks for.
namespace quorum::grader::paxos {

inline quorum::paxos::PrepareRequest MakePrepare(const quorum::paxos::Ballot& ballot) {
  quorum::paxos::PrepareRequest request;
  *request.mutable_ballot() = ballot;
  return request;
}

inline quorum::paxos::AcceptRequest MakeAccept(const quorum::paxos::Ballot& ballot,
                                               const std::string& value) {
  quorum::paxos::AcceptRequest request;
  *request.mutable_ballot() = ballot;
  request.set_value(value);
  return request;
}

}  // namespace quorum::grader::paxos
