#include "grader/cli/ring_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "grader/sim/handler_ended.h"
#include "labs/lab1_hash_ring/hash_ring.h"

namespace quorum::cli {
namespace {

using hash_ring::HashRing;
using hash_ring::RingMember;
using hash_ring::Scheme;

constexpr const char* kFooter =
    R"(Example: quorum ring --nodes a,b:2,c --replicas 2 user:17 user:18
A node is NAME or NAME:WEIGHT. With --scheme ketama it is NAME or NAME:PORT, all nodes weigh the
same, and a key goes to the server to which memcached clients with consistent hashing
(libmemcached's KETAMA_WEIGHTED) send it. They leave out the port when it is 11211.
Exit codes: 0 done, 1 the implementation is not written yet, 2 bad input.)";

constexpr int kNotWritten = 1;
constexpr int kBadInput = 2;

struct Options {
  std::string nodes;
  std::vector<std::string> keys;
  std::string scheme = "hash";
  std::size_t replicas = 1;
  std::string impl;
};

/// "b:2", or a plain name. What follows the last colon is a weight if the ring has weights.
absl::StatusOr<RingMember> ParseNode(const std::string& text, Scheme scheme) {
  const std::size_t colon = text.rfind(':');
  if (scheme == Scheme::kKetama || colon == text.npos) return RingMember{text, 1};
  RingMember member = {text.substr(0, colon), 0};
  if (!absl::SimpleAtoi(text.substr(colon + 1), &member.weight)) {
    return absl::InvalidArgumentError(
        fmt::format("The weight of \"{}\" is not a number: write NAME or NAME:WEIGHT.", text));
  }
  return member;
}

absl::StatusOr<std::unique_ptr<HashRing>> MakeRing(const ModuleTable& module,
                                                   const Options& options) {
  const auto role = std::ranges::find(module.roles, std::string_view(hash_ring::kRingRole),
                                      [](const Role& offered) { return offered.name; });
  if (role == module.roles.end() || role->part == nullptr) {
    return absl::InvalidArgumentError("The module offers no ring.");
  }
  const Scheme scheme = options.scheme == "ketama" ? Scheme::kKetama : Scheme::kHash;
  auto ring = reinterpret_cast<hash_ring::RingFactory>(role->part)({.scheme = scheme});
  const std::vector<std::string> nodes = absl::StrSplit(options.nodes, ',');
  for (const std::string& text : nodes) {
    const absl::StatusOr<RingMember> node = ParseNode(text, scheme);
    if (!node.ok()) return node.status();
    const absl::Status added = ring->Add(node->name, node->weight);
    if (!added.ok()) {
      return absl::InvalidArgumentError(
          fmt::format("The node \"{}\" cannot be added: {}", text, std::string(added.message())));
    }
  }
  return ring;
}

absl::Status Run(const Options& options, const ModuleSource& modules) {
  const auto module = modules(options.impl, "hash_ring");
  if (!module.ok()) return module.status();
  const auto ring = MakeRing(**module, options);
  if (!ring.ok()) return ring.status();
  for (const std::string& key : options.keys) {
    fmt::print("{} {}\n", key, fmt::join((*ring)->PreferenceList(key, options.replicas), " "));
  }
  return absl::OkStatus();
}

int RingMain(const Options& options, const ModuleSource& modules) {
  sim::InstallFailureHandlers();
  try {
    const absl::Status status = Run(options, modules);
    if (status.ok()) return 0;
    fmt::print(stderr, "quorum: {}\n", std::string(status.message()));
    return kBadInput;
  } catch (const sim::HandlerEnded& ended) {
    fmt::print(stderr, "quorum: The implementation cannot say ({}): {}\n", ended.place(),
               ended.sentence);
    return kNotWritten;
  }
}

}  // namespace

void AddRingCommand(CLI::App& app, int& exit_code, ModuleSource modules) {
  const auto options = std::make_shared<Options>();
  CLI::App& ring = *app.add_subcommand("ring", "Say which nodes of a hash ring keys belong to");
  ring.add_option("--nodes", options->nodes, "The ring's nodes, separated by commas")->required();
  ring.add_option("--scheme", options->scheme, "hash (the lab's own) or ketama")
      ->check(CLI::IsMember({"hash", "ketama"}))
      ->capture_default_str();
  ring.add_option("--replicas", options->replicas, "How many distinct nodes a key is kept on")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  ring.add_option("--impl", options->impl,
                  "Whose ring: solutions, labs, a folder or a module; the solution if it is there");
  ring.add_option("KEY", options->keys, "The keys")->required();
  ring.footer(kFooter);
  ring.callback([options, modules = std::move(modules), &exit_code] {
    exit_code = RingMain(*options, modules);
  });
}

}  // namespace quorum::cli
