#include "common/rpc/tls_identity.h"

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"

namespace quorum {

absl::StatusOr<TlsIdentity> ReadTlsIdentity(const std::string& folder, const std::string& name) {
  TlsIdentity identity;
  const std::pair<std::string, std::string*> files[] = {{"ca.crt", &identity.authority},
                                                        {name + ".crt", &identity.certificate},
                                                        {name + ".key", &identity.key}};
  for (const auto& [file, text] : files) {
    const std::string path = folder + "/" + file;
    std::ifstream in(path);
    std::ostringstream read;
    read << in.rdbuf();
    *text = read.str();
    if (!in || text->find("-----BEGIN") == std::string::npos) {
      return absl::NotFoundError(absl::StrCat("There is no certificate or key in ", path,
                                              ": `quorum tls ", folder, " ", name,
                                              "` makes them."));
    }
  }
  return identity;
}

bool IsLoopback(const std::string& address) {
  const std::string host = address.substr(0, address.rfind(':'));
  return host.starts_with("127.") || host == "localhost" || host == "[::1]";
}

}  // namespace quorum
