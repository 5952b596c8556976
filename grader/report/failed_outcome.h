#pragma once

#include "grader/run/outcome.h"
#include "grader/scenarios/scenario.h"

/// For tests of what is told of failures.
namespace quorum::report {

inline const grader::Scenario kScenario = {.lab = "raft",
                                           .part = "3A",
                                           .name = "OneLeader",
                                           .story = "Five nodes elect a leader.",
                                           .points = 5};

inline run::Outcome Failed(run::FailureKind kind) {
  run::Outcome outcome;
  outcome.scenario = &kScenario;
  outcome.verdict = run::Outcome::Verdict::kFailed;
  outcome.seeds_run = 9;
  outcome.deciding.emplace();
  outcome.deciding->set_seed(9);
  run::Failure& failure = *outcome.deciding->mutable_failure();
  failure.set_kind(kind);
  failure.set_statement("raft.election-safety");
  failure.set_sentence("At most one leader is elected in a term.");
  failure.set_source("Raft, section 5.2");
  failure.set_detail("Nodes 1 & 3 both lead in term <4>.");
  failure.set_node(3);
  failure.set_handler("a timer");
  failure.add_steps("Five nodes boot.");
  failure.add_steps("The network is cut.");
  return outcome;
}

}  // namespace quorum::report
