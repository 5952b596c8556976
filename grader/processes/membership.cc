#include "grader/processes/membership.h"

#include <thread>

#include "common/rpc/blocking_call.h"
#include "common/rpc/grpc_transport.h"
#include "labs/lab3_raft/raft.h"

namespace quorum::grader {

using namespace std::chrono_literals;

bool ChangeVoters(const std::map<NodeId, std::string>& addresses, const std::set<NodeId>& voters) {
  constexpr int kRounds = 1000;  // only what never comes takes so many
  const auto transport = MakeGrpcTransport({.listen = "", .peers = addresses});
  raft::ChangeMembershipRequest change;
  change.mutable_voters()->Add(voters.begin(), voters.end());
  const std::string request = change.SerializeAsString();
  for (int round = 0; round < kRounds; ++round) {
    for (const NodeId voter : voters) {
      const auto bytes = CallAndWait(*transport, voter, raft::kChangeMembership.path, request, 2s);
      raft::ChangeMembershipResponse response;
      if (bytes.ok() && response.ParseFromString(*bytes) &&
          response.outcome() == raft::ChangeMembershipResponse::CHANGED) {
        return true;
      }
      std::this_thread::sleep_for(5ms);
    }
  }
  return false;
}

}  // namespace quorum::grader
