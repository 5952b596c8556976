// One client of a cluster as a process: what grader/processes/client_process.h starts.

#include <CLI/CLI.hpp>
#include <cstdio>

#include "grader/processes/client_process.h"

int main(int argc, char** argv) {
  CLI::App app("A client of a cluster whose history is judged; tests start it", "cluster_client");
  int service = 0;
  int number = 0;
  std::string out;
  std::vector<std::string> nodes;
  app.add_option("--service", service)->required()->check(CLI::Range(0, 2));
  app.add_option("--number", number)->required();
  app.add_option("--out", out)->required();
  app.add_option("--address", nodes)->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked_for_help) {
    return app.exit(asked_for_help);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "cluster_client: %s\n", error.what());
    return 2;
  }
  std::map<quorum::NodeId, std::string> addresses;
  for (const std::string& node : nodes) {
    const std::size_t equals = node.find('=');
    if (equals == 0 || equals == std::string::npos) {
      std::fprintf(stderr, "cluster_client: \"%s\" is not NODE=ADDRESS\n", node.c_str());
      return 2;
    }
    addresses[static_cast<quorum::NodeId>(std::strtoul(node.c_str(), nullptr, 10))] =
        node.substr(equals + 1);
  }
  return quorum::grader::RunClientProcess(static_cast<quorum::grader::Service>(service), addresses,
                                          number, out);
}
