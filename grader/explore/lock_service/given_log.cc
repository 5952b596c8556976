// The log of a small cell, as one node: whoever leads and what is decided is decided here.
#include <utility>
#include <vector>

#include "common/env/env.h"
#include "common/env/node.h"
#include "grader/explore/lock_service/small_cell.h"

namespace quorum::explore::locks {
namespace {

class GivenLog final : public Node {
 public:
  explicit GivenLog(Env& env) : env_(env) {
    env_.Serve(kElect, [this](const ElectRequest& request, auto responder) {
      Elect(request.server());
      responder.Reply({});
    });
    env_.Serve(kPropose, [this](const ProposeRequest& request, auto responder) {
      if (request.epoch() != epoch_) return nowhere_.push_back(std::move(responder));
      Decided& decided = log_.emplace_back();
      decided.set_index(++last_);
      decided.set_proposal(request.proposal());
      *decided.mutable_what() = request.what();
      ProposeResponse response;
      for (const Decided& one : log_) {
        if (one.index() > led_from_) *response.add_decided() = one;
      }
      responder.Reply(response);
    });
    env_.Serve(kConfirm, [this](const ConfirmRequest& request, auto responder) {
      if (request.epoch() != epoch_) {
        return responder.Fail(absl::UnavailableError("The leadership is over."));
      }
      ConfirmResponse response;
      response.set_last(last_);
      responder.Reply(response);
    });
  }

 private:
  void Elect(NodeId server) {
    if (leader_ != 0) {
      LeadNoMoreRequest over;
      over.set_epoch(epoch_);
      env_.Call(leader_, kLeadNoMore, over, kForEver, [](const auto&) {});
    }
    leader_ = server;
    ++epoch_;
    led_from_ = ++last_;  // as with any log, an entry of its own
    LeadRequest lead;
    lead.set_epoch(epoch_);
    for (const Decided& one : log_) *lead.add_decided() = one;
    env_.Call(leader_, kLead, lead, kForEver, [](const auto&) {});
  }

  Env& env_;
  std::vector<Decided> log_;
  std::uint64_t last_ = 0;
  NodeId leader_ = 0;
  std::uint64_t epoch_ = 0;
  std::uint64_t led_from_ = 0;
  std::vector<Responder<ProposeResponse>> nowhere_;
};

}  // namespace

std::unique_ptr<Node> MakeGivenLog(Env& env, const NodeConfig&) {
  return std::make_unique<GivenLog>(env);
}

}  // namespace quorum::explore::locks
