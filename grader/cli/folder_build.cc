#include "grader/cli/folder_build.h"

#include <fmt/format.h>

#include <fstream>
#include <functional>
#include <set>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "grader/cli/build.h"
#include "grader/cli/paths.h"

namespace quorum::cli {
namespace {

namespace fs = std::filesystem;

bool IsCode(const fs::path& file) { return file.extension() == ".cc" || file.extension() == ".h"; }

/// labs/lab1_hash_ring for "hash_ring".
fs::path SkeletonOf(const std::string& lab) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(SourceFolder() / "labs", ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("lab") && name.ends_with("_" + lab)) return entry.path();
  }
  return {};
}

/// The files of the lab that nobody edits: those that its module.cc includes, and module.cc.
std::set<std::string> FixedFiles(const fs::path& skeleton) {
  std::set<std::string> fixed = {"module.cc"};
  std::ifstream module(skeleton / "module.cc");
  for (std::string line; std::getline(module, line);) {
    if (!line.starts_with("#include \"")) continue;
    fixed.insert(fs::path(line.substr(10, line.size() - 11)).filename().string());
  }
  return fixed;
}

/// The code in `folder` that is the student's, by file name.
std::set<fs::path> StudentFiles(const fs::path& folder, const std::set<std::string>& fixed) {
  std::set<fs::path> files;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    const bool test = name.ends_with("_test.cc");
    if (IsCode(name) && !test && !fixed.contains(name)) files.insert(entry.path());
  }
  return files;
}

/// The folder below or at `folder` that has files of the lab; empty when there is none.
fs::path Locate(const fs::path& folder, const fs::path& skeleton, const std::string& lab) {
  const std::set<std::string> fixed = FixedFiles(skeleton);
  const fs::path name = skeleton.filename();
  for (const fs::path& place : {folder / "labs" / name, folder / name, folder / lab, folder}) {
    for (const fs::path& file : StudentFiles(place, fixed)) {
      if (fs::exists(skeleton / file.filename())) return fs::canonical(place);
    }
  }
  return {};
}

/// The command by which the main build makes `output`, ready to stand in a ninja file.
std::string CommandFor(const std::string& output) {
  const std::string commands =
      OutputOf({"ninja", "-C", BuildFolder().string(), "-t", "commands", "-s", output});
  std::string last;
  for (const auto& line : absl::StrSplit(commands, '\n', absl::SkipEmpty())) {
    last = std::string(line);
  }
  return absl::StrReplaceAll(last, {{"$", "$$"}});
}

/// Turns the command that links the skeleton's module into one for other objects, `$in`. The object
/// of module.cc, which nobody edits, stays; `kept` becomes its name.
std::string LinkRule(const std::string& command, std::string& kept) {
  std::vector<std::string> words;
  bool output_follows = false;
  for (const auto& part : absl::StrSplit(command, ' ', absl::SkipEmpty())) {
    std::string word(part);
    if (std::exchange(output_follows, word == "-o")) word = "$out";
    if (word.ends_with("/module.cc.o")) {
      kept = word;
      word += " $in";
    } else if (word.ends_with(".cc.o")) {
      continue;
    }
    words.push_back(std::move(word));
  }
  return absl::StrJoin(words, " ");
}

/// Turns the command that compiles module.cc into one for any file.
std::string CompileRule(const std::string& command, const fs::path& headers) {
  const std::string flags = command.substr(0, command.find(" -MD -MT "));
  // Other people's warnings are theirs to bear. Their headers come before those of the skeleton.
  return fmt::format("{} -Wno-error -iquote {} -MD -MF $out.d -o $out -c $in", flags,
                     headers.string());
}

/// Writes the build of one module, as the main build makes `skeleton_module`.
absl::StatusOr<ModuleFile> WriteBuild(const fs::path& to, const std::string& skeleton_module,
                                      const fs::path& headers, const std::set<fs::path>& sources) {
  std::string kept;
  const std::string link = LinkRule(CommandFor(skeleton_module), kept);
  if (kept.empty()) return absl::InternalError("The build has no module of the skeleton.");
  fs::create_directories(to);
  std::ofstream ninja(to / "build.ninja");
  const std::string enter = fmt::format("cd {} && ", BuildFolder().string());
  ninja << "rule compile\n  deps = gcc\n  depfile = $out.d\n  command = " << enter
        << CompileRule(CommandFor(kept), headers) << "\nrule link\n  command = " << enter << link
        << "\n";
  std::string objects;
  for (const fs::path& source : sources) {
    const std::string object = (to / (source.stem().string() + ".o")).string();
    ninja << fmt::format("build {}: compile {}\n", object, source.string());
    objects += " " + object;
  }
  const fs::path module = to / "module.so";
  const fs::path fixed = BuildFolder() / kept;
  ninja << fmt::format("build {}: link{} | {}\n", module.string(), objects, fixed.string());
  return ModuleFile{.file = module, .folder = to, .target = module.string(), .needs = {kept}};
}

/// Makes the student's headers, and no others, known as labs/lab1_hash_ring/x.h.
void LinkHeaders(const fs::path& to, const std::set<fs::path>& files) {
  fs::remove_all(to);
  fs::create_directories(to);
  for (const fs::path& file : files) {
    if (file.extension() == ".h") fs::create_symlink(file, to / file.filename());
  }
}

}  // namespace

bool HoldsLab(const fs::path& folder, const std::string& lab) {
  const fs::path skeleton = SkeletonOf(lab);
  return !skeleton.empty() && !Locate(folder, skeleton, lab).empty();
}

absl::StatusOr<LabModule> PrepareFolder(const fs::path& folder, const std::string& lab) {
  const fs::path skeleton = SkeletonOf(lab);
  const fs::path place = Locate(folder, skeleton, lab);
  if (place.empty()) {
    return absl::NotFoundError(
        fmt::format("{} holds no file of the lab {}.", folder.string(), lab));
  }
  const std::set<std::string> fixed = FixedFiles(skeleton);
  std::set<fs::path> files = StudentFiles(place, fixed);
  for (const fs::path& file : StudentFiles(skeleton, fixed)) {
    if (!fs::exists(place / file.filename())) files.insert(file);
  }
  const std::string id = fmt::format("{:016x}", std::hash<std::string>()(place.string()));
  const fs::path to = BuildFolder() / "impl" / id;
  LinkHeaders(to / "headers" / "labs" / skeleton.filename(), files);
  std::erase_if(files, [](const fs::path& file) { return file.extension() != ".cc"; });
  LabModule module;
  auto plain =
      WriteBuild(to / "plain", fmt::format("modules/labs/{}.so", lab), to / "headers", files);
  if (!plain.ok()) return plain.status();
  module.plain = *plain;
  auto sanitized = WriteBuild(to / "sanitized", fmt::format("modules/labs/{}.asan.so", lab),
                              to / "headers", files);
  if (sanitized.ok()) module.sanitized = *sanitized;
  return module;
}

}  // namespace quorum::cli
