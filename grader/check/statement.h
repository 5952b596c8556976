#pragma once

namespace quorum::grader {

/// What a run can violate: a rule of a protocol, or a promise that a lab's handout makes.
struct Statement {
  const char* name;      ///< short and stable, for example "ring.first-point-clockwise"
  const char* sentence;  ///< the rule in one English sentence
  const char* source;    ///< where it is stated: a paper and section, or a section of the handout
};

}  // namespace quorum::grader
