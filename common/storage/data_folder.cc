#include "common/storage/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"

namespace quorum {
namespace {

namespace fs = std::filesystem;

constexpr int kFormat = 1;
constexpr const char* kElsewhere = "choose another --data folder";

std::string Describe(const NodeIdentity& identity) {
  return absl::StrCat("node ", identity.node, " (", identity.role, ") of lab ", identity.lab);
}

absl::Status Damaged(const fs::path& folder, const std::string& what) {
  return absl::DataLossError(
      absl::StrCat("The data folder ", folder.string(), " is damaged: ", what,
                   "; restore it from a copy, or remove it and give the node "
                   "a new id."));
}

fs::path IdentityFile(const fs::path& folder) { return folder / "identity.json"; }
fs::path SyncedFile(const fs::path& folder) { return folder / "synced"; }
fs::path BootedFile(const fs::path& folder) { return folder.string() + ".booted"; }

/// True when nothing is there that an unfinished `MakeFolder` would not have left.
bool IsUnused(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path name = entry.path().filename();
    if (name != "synced" && name.extension() != ".tmp") return false;
  }
  return true;
}

/// The identity comes last: a folder that has it is complete.
absl::Status MakeFolder(const fs::path& folder, const NodeIdentity& identity) {
  if (absl::Status status = SyncedRecord::Create(SyncedFile(folder)); !status.ok()) return status;
  const nlohmann::json json = {
      {"format", kFormat}, {"lab", identity.lab}, {"role", identity.role}, {"node", identity.node}};
  absl::Status status = WriteFileDurably(IdentityFile(folder), json.dump() + "\n");
  if (!status.ok()) return status;
  return SyncPath(folder.has_parent_path() ? folder.parent_path() : ".");
}

absl::Status CheckIdentity(const fs::path& folder, const NodeIdentity& expected) {
  absl::StatusOr<std::string> text = ReadFile(IdentityFile(folder));
  if (!text.ok()) return text.status();
  const auto json = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  NodeIdentity found;
  int format = 0;
  try {
    format = json.at("format").get<int>();
    if (format == kFormat) {
      found = {json.at("lab").get<std::string>(), json.at("role").get<std::string>(),
               json.at("node").get<NodeId>()};
    }
  } catch (const nlohmann::json::exception&) {
    return Damaged(folder, "identity.json does not say whose data it is");
  }
  if (format != kFormat) {
    return absl::FailedPreconditionError(
        absl::StrCat("The data folder ", folder.string(), " has format ", format,
                     ", and this program knows format ", kFormat, "; ", kElsewhere, "."));
  }
  if (found == expected) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("The data folder ", folder.string(),
                                                    " belongs to ", Describe(found), ", not to ",
                                                    Describe(expected), "; ", kElsewhere, "."));
}

absl::Status PrepareFolder(const fs::path& folder, const NodeIdentity& identity) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!fs::is_directory(folder)) {
    return absl::FailedPreconditionError(absl::StrCat(
        folder.string(), " is not a folder and none can be made there; ", kElsewhere, "."));
  }
  if (fs::exists(IdentityFile(folder))) return CheckIdentity(folder, identity);
  if (IsUnused(folder)) return MakeFolder(folder, identity);
  return absl::FailedPreconditionError(absl::StrCat("The folder ", folder.string(),
                                                    " holds files that are not a node's data; ",
                                                    kElsewhere, "."));
}

}  // namespace

DataFolder::DataFolder(fs::path path, FileDescriptor lock, SyncedRecord synced, bool booted)
    : path_(std::move(path)), lock_(std::move(lock)), synced_(std::move(synced)), booted_(booted) {}

absl::StatusOr<DataFolder> DataFolder::Open(const fs::path& path, const NodeIdentity& identity) {
  const fs::path folder = (path / "").lexically_normal().parent_path();  // no slash at the end
  if (absl::Status status = PrepareFolder(folder, identity); !status.ok()) return status;
  absl::StatusOr<FileDescriptor> lock = OpenFile(IdentityFile(folder), O_RDONLY);
  if (!lock.ok()) return lock.status();
  if (::flock(lock->get(), LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(absl::StrCat("Another process uses the data folder ",
                                                      folder.string(), "; stop that node first."));
  }
  absl::StatusOr<SyncedRecord> synced = SyncedRecord::Open(SyncedFile(folder));
  if (!synced.ok()) return Damaged(folder, std::string(synced.status().message()));
  DataFolder opened(folder, *std::move(lock), *std::move(synced), fs::exists(BootedFile(folder)));
  if (opened.synced() > 0) {
    if (absl::Status status = opened.SetBooted(); !status.ok()) return status;
  }
  return opened;
}

absl::Status DataFolder::SetSynced(std::uint64_t sequence) {
  if (sequence == 0) return absl::OkStatus();
  // First, for whoever hears of this data may rely on the node's knowing that it had some.
  if (absl::Status status = SetBooted(); !status.ok()) return status;
  return synced_.Advance(sequence);
}

absl::Status DataFolder::SetBooted() {
  if (booted_) return absl::OkStatus();
  absl::Status status =
      WriteFileDurably(BootedFile(path_),
                       "This node has made data durable. While this file is here, an empty data "
                       "folder means that the node has lost its data.\n");
  if (status.ok()) booted_ = true;
  return status;
}

}  // namespace quorum
