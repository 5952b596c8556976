#pragma once

#include <map>
#include <string>

#include "grader/run/campaign.h"

namespace quorum::run::testing {

/// Plays all testing scenarios on the module that behaves so; the outcomes by the scenario's name.
std::map<std::string, Outcome> PlayAll(const std::string& behaviour, Seeds seeds = {});

}  // namespace quorum::run::testing
