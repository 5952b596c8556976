#include "grader/cli/certificates.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <vector>

namespace quorum::cli {
namespace {

namespace fs = std::filesystem;

/// Runs openssl, which is silent unless something is wrong.
absl::Status RunOpenssl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "openssl");
  std::vector<char*> words;
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const int failed = ::posix_spawnp(&pid, words[0], &files, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0) {
    return absl::NotFoundError("There is no openssl here: apt-get install openssl.");
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (status == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("Certificates cannot be made: this failed: {}", fmt::join(arguments, " ")));
}

/// A new key, and a certificate for it with `more`.
absl::Status Make(const std::string& folder, const std::string& name,
                  const std::vector<std::string>& more) {
  const std::string path = (fs::path(folder) / name).string();
  if (fs::exists(path + ".crt") && fs::exists(path + ".key")) return absl::OkStatus();
  std::vector<std::string> arguments = {
      "req",         "-x509", "-newkey",    "ec",    "-pkeyopt",    "ec_paramgen_curve:P-256",
      "-nodes",      "-days", "3650",       "-subj", "/CN=" + name, "-keyout",
      path + ".key", "-out",  path + ".crt"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return RunOpenssl(std::move(arguments));
}

bool IsName(const std::string& name) {
  return !name.empty() && name.size() <= 64 && name != "ca" &&
         std::ranges::all_of(name, [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '@';
         });
}

}  // namespace

absl::Status MakeAuthority(const std::string& folder) {
  std::error_code wrong;
  fs::create_directories(folder, wrong);
  fs::permissions(folder, fs::perms::owner_all, wrong);
  if (wrong) {
    return absl::InvalidArgumentError(
        fmt::format("{} is not a folder that certificates can be put into.", folder));
  }
  return Make(folder, "ca", {"-addext", "keyUsage=critical,keyCertSign"});
}

absl::Status MakeCertificate(const std::string& folder, const std::string& name) {
  if (!IsName(name)) {
    return absl::InvalidArgumentError(fmt::format(
        "\"{}\" is no name for a certificate: up to 64 letters, digits, and -_.@", name));
  }
  const std::string authority = (fs::path(folder) / "ca").string();
  std::vector<std::string> more = {"-CA",     authority + ".crt",
                                   "-CAkey",  authority + ".key",
                                   "-addext", "basicConstraints=critical,CA:FALSE"};
  if (name.starts_with("node-")) {
    more.insert(more.end(), {"-addext", "extendedKeyUsage=serverAuth,clientAuth", "-addext",
                             "subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost,DNS:" + name});
  } else {
    more.insert(more.end(), {"-addext", "extendedKeyUsage=clientAuth"});
  }
  return Make(folder, name, more);
}

}  // namespace quorum::cli
