#include "grader/scenarios/paxos/puppet.h"

#include <map>

namespace quorum::grader::paxos {
namespace {

/// The puppets of the run that is being played: a node's factory is a plain function.
std::map<NodeId, Puppet*>& Puppets() {
  static std::map<NodeId, Puppet*> puppets;
  return puppets;
}

}  // namespace

Puppet::Puppet(Stage& stage, Watch& watch, const NodeConfig& config)
    : stage_(stage), id_(config.self()) {
  watch.AddPuppet(id_);
  Puppets()[id_] = this;
  stage.world().AddMachine("node-" + std::to_string(id_), &Puppet::Boot, config);
  stage.world().Boot(id_);
}

Puppet::~Puppet() { Puppets().erase(id_); }

template <class Request, class Response>
void Puppet::Receive(const Method<Request, Response>& method) {
  env_->Serve(method, [this](const Request& request, Responder<Response> responder) {
    if (const auto& answer = std::get<Answers<Request, Response>>(answers_)) {
      if (const std::optional<Response> response = answer(request)) responder.Reply(*response);
    }
    std::get<Inbox<Request, Response>>(inboxes_).push_back({request, std::move(responder)});
  });
}

std::unique_ptr<Node> Puppet::Boot(Env& env, const NodeConfig& config) {
  Puppet& puppet = *Puppets().at(config.self());
  puppet.env_ = &env;
  puppet.Receive(quorum::paxos::kPrepare);
  puppet.Receive(quorum::paxos::kAccept);
  puppet.Receive(quorum::paxos::kLearn);
  puppet.Receive(quorum::paxos::kPrepareLog);
  puppet.Receive(quorum::paxos::kAcceptEntries);
  puppet.Receive(quorum::paxos::kFetch);
  return std::make_unique<Node>();
}

}  // namespace quorum::grader::paxos
