#include "grader/cli/tls_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "grader/cli/certificates.h"

namespace quorum::cli {
namespace {

constexpr const char* kFooter =
    R"(Example: quorum tls DIR alice, and then: quorum lock --tls DIR --as alice ls /ls/local
Makes DIR/ca.crt, an authority of your own, unless it is there, and DIR/NAME.crt with DIR/NAME.key. A
NAME like node-3 may serve on this machine; any other one is a client's, and what servers know it by.
The authority's key lies beside it: good for trying things out, and for nothing else.
Exit codes: 0 done, 1 they cannot be made, 2 bad usage.)";

struct Options {
  std::string folder;
  std::vector<std::string> names;
};

int Run(const Options& options) {
  absl::Status status = MakeAuthority(options.folder);
  for (const std::string& name : options.names) {
    if (status.ok()) status = MakeCertificate(options.folder, name);
  }
  if (status.ok()) return 0;
  fmt::print(stderr, "quorum tls: {}\n", std::string(status.message()));
  return absl::IsInvalidArgument(status) ? 2 : 1;
}

}  // namespace

void AddTlsCommand(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* tls = app.add_subcommand("tls", "Make certificates for trying out mutual TLS");
  tls->footer(kFooter);
  tls->add_option("DIR", options->folder, "Where they go")->required();
  tls->add_option("NAME", options->names, "Whom they are for")->required();
  tls->callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace quorum::cli
