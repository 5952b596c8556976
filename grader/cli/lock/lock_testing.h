#pragma once

// What the tests of `quorum lock` share: a cell of real processes, and the command beside it.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/node/testing/node_processes.h"
#include "grader/cli/certificates.h"
#include "grader/cli/cluster_file.h"
#include "labs/lab4_lock_service/lock_service.h"

namespace quorum::cli::testing {

using quorum::testing::ChildProcess;
using quorum::testing::NodeProcesses;
using quorum::testing::TemporaryFolder;

/// Three servers of a cell over Raft, that speak TLS.
class LockCell {
 public:
  explicit LockCell(int lease_seconds = 12) {
    const std::string folder = tls();
    Expect(MakeAuthority(folder));
    for (const char* name : {"node-1", "node-2", "node-3", "client", "alice", "bob"}) {
      Expect(MakeCertificate(folder, name));
    }
    servers_ = std::make_unique<NodeProcesses>(quorum::testing::ProcessesPlan{
        .role = lock_service::kServerRole,
        .modules = std::vector<std::string>(3, LOCK_SERVICE),
        .config = R"({"lab": {"leaseNs": ")" + std::to_string(lease_seconds) + R"(000000000",
            "@type": "type.googleapis.com/quorum.lock_service.LockServerConfig"}})",
        .more = {"--log-module", RAFT, "--tls", folder},
        .direct = true});
    servers_->StartAll();
    ClusterFile note{"lock_service", {}, folder};
    for (const auto& [node, address] : servers_->addresses()) {
      note.nodes.push_back({node, lock_service::kServerRole, address, "", {}});
    }
    Expect(WriteClusterFile((home_ / "cluster.json").string(), note));
  }

  NodeProcesses& servers() { return *servers_; }
  /// The folder of the certificates.
  std::string tls() const { return (home_ / "tls").string(); }
  std::filesystem::path home() const { return home_ / ""; }

  /// `quorum lock` with these arguments; what it complains of comes with its output.
  std::unique_ptr<ChildProcess> Run(const std::vector<std::string>& arguments) const {
    std::vector<std::string> command = {
        "/bin/sh",   "-c",     "exec \"$@\" 2>&1", "sh",        QUORUM_PROGRAM,
        "lock",      "--impl", LOCK_SERVICE,       "--cluster", (home_ / "cluster.json").string(),
        "--timeout", "60"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return std::make_unique<ChildProcess>(command);
  }

  struct Outcome {
    int exit_code;
    std::string output;
    bool operator==(const Outcome&) const = default;
    friend void PrintTo(const Outcome& outcome, std::ostream* out) {
      *out << "exit code " << outcome.exit_code << ", saying " << outcome.output;
    }
  };
  /// How a command ends, and what it says until then that nobody has read yet.
  static Outcome EndOf(ChildProcess& command) {
    std::string output;
    for (std::string line = command.ReadLine(); !line.empty(); line = command.ReadLine()) {
      output += line + "\n";
    }
    return {command.Wait(), output};
  }
  /// Runs a command to its end.
  Outcome Do(const std::vector<std::string>& arguments) const { return EndOf(*Run(arguments)); }

 private:
  static void Expect(const absl::Status& status) { EXPECT_TRUE(status.ok()) << status; }

  const TemporaryFolder home_;
  std::unique_ptr<NodeProcesses> servers_;
};

}  // namespace quorum::cli::testing
