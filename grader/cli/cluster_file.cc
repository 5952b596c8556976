#include "grader/cli/cluster_file.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace quorum::cli {

absl::Status WriteClusterFile(const std::filesystem::path& path, const ClusterFile& cluster) {
  nlohmann::json nodes = nlohmann::json::array();
  for (const ClusterNode& node : cluster.nodes) {
    nodes.push_back({{"id", node.id},
                     {"role", node.role},
                     {"address", node.address},
                     {"log", node.log},
                     {"command", node.command}});
  }
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  std::ofstream out(path);
  out << nlohmann::json{{"lab", cluster.lab}, {"nodes", nodes}, {"tls", cluster.tls}}.dump(2)
      << "\n";
  out.close();
  if (out) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("Cannot write ", path.string(), "."));
}

absl::StatusOr<ClusterFile> ReadClusterFile(const std::filesystem::path& path) {
  std::ifstream in(path);
  if (!in) {
    return absl::NotFoundError(absl::StrCat("There is no ", path.string(),
                                            ": start a cluster with `quorum cluster LAB`."));
  }
  try {
    const nlohmann::json json = nlohmann::json::parse(in);
    ClusterFile cluster{json.at("lab").get<std::string>(), {}};
    for (const nlohmann::json& node : json.at("nodes")) {
      cluster.nodes.push_back({node.at("id").get<NodeId>(), node.at("role").get<std::string>(),
                               node.at("address").get<std::string>(),
                               node.at("log").get<std::string>(),
                               node.at("command").get<std::vector<std::string>>()});
    }
    cluster.tls = json.value("tls", "");
    return cluster;
  } catch (const nlohmann::json::exception& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(path.string(), " is not the note of a cluster: ", error.what()));
  }
}

}  // namespace quorum::cli
