#include "common/storage/log_files.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace quorum {

absl::Status LogFiles::Sync(bool maybe_new) {
  if (failed_.ok()) failed_ = maybe_new || last_.empty() ? SyncAll() : SyncLast();
  return failed_;
}

absl::Status LogFiles::SyncLast() {
  const absl::Status status = sync_file_(last_);
  if (absl::IsNotFound(status)) return SyncAll();  // superseded by a table file meanwhile
  return status.ok() ? status : absl::DataLossError(status.message());
}

absl::Status LogFiles::SyncAll() {
  std::set<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator at(database_, error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().extension() != ".log") continue;
    const absl::Status status = sync_file_(at->path());
    if (absl::IsNotFound(status)) continue;  // superseded by a table file meanwhile
    if (!status.ok()) return absl::DataLossError(status.message());
    names.insert(at->path().filename().string());
  }
  if (error) {
    return absl::DataLossError(
        absl::StrCat("Cannot list ", database_.string(), ": ", error.message()));
  }
  if (!std::includes(durable_names_.begin(), durable_names_.end(), names.begin(), names.end())) {
    const absl::Status status = sync_file_(database_);
    if (!status.ok()) return absl::DataLossError(status.message());
  }
  durable_names_ = std::move(names);
  // RocksDB numbers them, in six digits at least.
  const auto older = [](const std::string& a, const std::string& b) {
    return std::pair(a.size(), a) < std::pair(b.size(), b);
  };
  const auto last = std::ranges::max_element(durable_names_, older);
  last_ = last == durable_names_.end() ? std::filesystem::path() : database_ / *last;
  return absl::OkStatus();
}

}  // namespace quorum
