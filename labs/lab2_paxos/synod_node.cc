#include <string>
#include <utility>
#include <vector>

#include "labs/lab2_paxos/acceptor.h"
#include "labs/lab2_paxos/learner.h"
#include "labs/lab2_paxos/paxos.h"
#include "labs/lab2_paxos/proposer.h"

namespace quorum::paxos {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPause = 100ms;

/// Proposer, acceptor and learner of one decision in one node. This file only joins them.
class SynodNode final : public Node {
 public:
  SynodNode(Env& env, const NodeConfig& config)
      : env_(env),
        acceptor_(env, config),
        proposer_(env, config, acceptor_, [this](const std::string& value) { Keep(value); }),
        learner_(env, config, [this](const std::string& value) { AnswerAll(value); }) {
    env_.Serve(kPrepare, [this](const PrepareRequest& request, auto responder) {
      Answer(acceptor_.Prepare(request), responder);
    });
    env_.Serve(kAccept, [this](const AcceptRequest& request, auto responder) {
      Answer(acceptor_.Accept(request), responder);
    });
    env_.Serve(kLearn, [this](const LearnRequest& request, auto responder) {
      const absl::Status learned = learner_.Learn(request.value());
      if (!learned.ok()) return responder.Fail(learned);
      learner_.Knows(request.node());
      responder.Reply(LearnResponse());
    });
    env_.Serve(kPropose, [this](const ProposeRequest& request, auto responder) {
      Propose(request, std::move(responder));
    });
  }

 private:
  template <class Response>
  static void Answer(const absl::StatusOr<Response>& answer, Responder<Response>& responder) {
    answer.ok() ? responder.Reply(*answer) : responder.Fail(answer.status());
  }

  void Propose(const ProposeRequest& request, Responder<ProposeResponse> responder) {
    if (request.value().empty()) {
      return responder.Fail(absl::InvalidArgumentError("A proposed value is not empty."));
    }
    waiting_.push_back(std::move(responder));
    if (learner_.decision()) return AnswerAll(*learner_.decision());
    if (!acceptor_.votes()) {
      waiting_.back().Fail(absl::FailedPreconditionError("This node has lost its disk."));
      return waiting_.pop_back();
    }
    proposer_.Propose(request.value());
  }

  /// The proposer has brought a decision about. It must not be forgotten for a full disk.
  void Keep(const std::string& value) {
    if (learner_.Learn(value).ok()) return;
    keep_ = env_.After(kPause, [this, value] { Keep(value); });
  }

  void AnswerAll(const std::string& value) {
    proposer_.Stop();
    ProposeResponse response;
    response.set_value(value);
    for (Responder<ProposeResponse>& responder : waiting_) responder.Reply(response);
    waiting_.clear();
  }

  Env& env_;
  std::vector<Responder<ProposeResponse>> waiting_;
  Timer keep_;
  Acceptor acceptor_;
  Proposer proposer_;
  Learner learner_;  // last: it may call back as it is constructed
};

}  // namespace

std::unique_ptr<Node> MakeSynodNode(Env& env, const NodeConfig& config) {
  return std::make_unique<SynodNode>(env, config);
}

}  // namespace quorum::paxos
