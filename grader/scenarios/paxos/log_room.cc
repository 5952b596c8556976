#include "grader/scenarios/paxos/log_room.h"

#include "grader/scenarios/paxos/log_witness.h"

namespace quorum::grader::paxos {
namespace {

constexpr LogStatements kStatements = {
    .applied_in_order =
        {"paxos.applied-in-order",
         "Every node applies the chosen commands slot by slot: none is left out, none comes twice.",
         "Paxos Made Simple, section 3; handout 2C, step 6"},
    .same_state = {"paxos.same-state",
                   "Nodes that have applied the same slots are in the same state.",
                   "Schneider, Implementing fault-tolerant services, 1990; Paxos Made Live, "
                   "section 6.2; handout 2C, step 6"},
    .answer_is_own = {"paxos.answer-is-own",
                      "A client is told that its command was executed only if that very command "
                      "is chosen in the slot that it is told.",
                      "Paxos Made Simple, section 3; handout 2C, steps 5 and 8"},
    .progress = {"paxos.log-progress",
                 "Once the faults have stopped, somebody leads, clients are answered, and every "
                 "node catches up.",
                 "Paxos Made Simple, section 3; handout 2C, steps 3 and 8"},
    .linearizable = {"paxos.linearizable",
                     "To its clients the replicated register looks like a single one that does "
                     "one thing at a time.",
                     "Herlihy & Wing 1990; Paxos Made Live, section 5.2; handout 2C, step 7"},
};

}  // namespace

LogRoom::LogRoom(Stage& stage, const Options& options)
    : RegisterRoom(stage, options, ledger_, kStatements),
      ledger_(static_cast<std::size_t>(options.nodes) / 2 + 1),
      watch_(ledger_),
      witness_(std::make_unique<Witness>(stage, ledger_)) {
  stage.world().Watch(watch_);
  WatchRules(stage, watch_, ledger_);
  watch_.Add(*witness_);
  stage.world().Watch(*witness_);
  BootNodes(quorum::paxos::kLogRole, quorum::paxos::kLogFactoryType, [&](const NodeConfig& config) {
    puppets_[config.self()] = std::make_unique<Puppet>(stage, watch_, config);
  });
}

LogRoom::~LogRoom() = default;

}  // namespace quorum::grader::paxos
