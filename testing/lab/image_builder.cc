#include "testing/lab/image_builder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/common/file/durable_file.h"
#include "services/common/process/process.h"
#include "services/common/status/status_macros.h"
#include "testing/lab/daemon_config.h"
#include "testing/lab/engine.h"
#include "testing/lab/folders.h"
#include "testing/lab/lab_paths.h"

namespace drover::lab {
namespace {

namespace fs = std::filesystem;

std::string FolderOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

absl::Status CopyFile(const std::string& path, const std::string& root) {
  DROVER_RETURN_IF_ERROR(MakeFolders(FolderOf(root + path)));
  std::error_code error;
  fs::copy_file(path, root + path, fs::copy_options::overwrite_existing, error);
  if (!error) return absl::OkStatus();
  return absl::ErrnoToStatus(error.value(), absl::StrCat("cannot copy ", path));
}

absl::StatusOr<std::set<std::string>> WithLibraries(const std::vector<std::string>& programs) {
  std::set<std::string> files(programs.begin(), programs.end());
  for (const std::string& program : programs) {
    // ldd fails for a static program, which needs nothing.
    DROVER_ASSIGN_OR_RETURN(CommandResult ldd, RunCommand({"ldd", program}));
    for (const std::string& library : LibrariesInLddOutput(ldd.output)) files.insert(library);
  }
  return files;
}

absl::Status CopyTree(const std::string& path, const std::string& root) {
  DROVER_RETURN_IF_ERROR(MakeFolders(FolderOf(root + path)));
  return RunChecked({"cp", "-a", path, root + path}).status();
}

absl::Status MakeFolder(const ImageFolder& folder, const std::string& root) {
  const std::string path = root + folder.path;
  DROVER_RETURN_IF_ERROR(MakeFolders(path));
  if (chown(path.c_str(), folder.owner, folder.owner) == 0 &&
      chmod(path.c_str(), folder.mode) == 0) {
    return absl::OkStatus();
  }
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", path));
}

absl::Status WriteFile(const ImageFile& file, const std::string& root) {
  DROVER_RETURN_IF_ERROR(MakeFolders(FolderOf(root + file.path)));
  return WriteFileDurably(root + file.path, file.content, file.mode);
}

// sh, ls, cat …: links to busybox beside it.
absl::Status LinkApplets(const std::string& root) {
  DROVER_ASSIGN_OR_RETURN(std::string applets, RunChecked({"/bin/busybox", "--list"}));
  for (const std::string& applet :
       std::vector<std::string>(absl::StrSplit(applets, '\n', absl::SkipEmpty()))) {
    const std::string link = absl::StrCat(root, "/bin/", applet);
    if (applet == "busybox" || symlink("busybox", link.c_str()) == 0) continue;
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot link ", link));
  }
  return absl::OkStatus();
}

absl::Status FillRoot(const ImageRecipe& recipe, const std::string& root) {
  DROVER_ASSIGN_OR_RETURN(const std::set<std::string> files, WithLibraries(recipe.programs));
  for (const std::string& file : files) DROVER_RETURN_IF_ERROR(CopyFile(file, root));
  for (const std::string& tree : recipe.trees) DROVER_RETURN_IF_ERROR(CopyTree(tree, root));
  for (const ImageFolder& folder : recipe.folders) {
    DROVER_RETURN_IF_ERROR(MakeFolder(folder, root));
  }
  for (const ImageFile& file : recipe.files) DROVER_RETURN_IF_ERROR(WriteFile(file, root));
  return LinkApplets(root);
}

absl::StatusOr<std::string> AnsweringEngine(const LabRecord& lab) {
  for (const MachineRecord* node : NodesOf(lab)) {
    const std::string socket = LabPaths(lab.name).docker_socket(node->name);
    if (PingEngine(socket).ok()) return "unix://" + socket;
  }
  return absl::UnavailableError("no node has a container engine that answers");
}

// Imports the root folder into an engine as `reference`, pushes it and forgets it there.
absl::Status Push(const std::string& engine, const ImageRecipe& recipe, const std::string& root,
                  const std::string& reference) {
  const std::string archive = root + ".tar";
  DROVER_RETURN_IF_ERROR(
      RunChecked({"tar", "--numeric-owner", "-C", root, "-cf", archive, "."}).status());
  std::vector<std::string> import = {"docker", "--host", engine, "import"};
  for (const std::string& change : recipe.changes) {
    import.push_back("--change");
    import.push_back(change);
  }
  import.push_back(archive);
  import.push_back(reference);
  DROVER_RETURN_IF_ERROR(RunChecked(import).status());
  DROVER_RETURN_IF_ERROR(RunChecked({"docker", "--host", engine, "push", reference}).status());
  return RunChecked({"docker", "--host", engine, "rmi", reference}).status();
}

}  // namespace

std::vector<std::string> LibrariesInLddOutput(const std::string& output) {
  std::vector<std::string> libraries;
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(output, '\n'))) {
    // "libm.so.6 => /lib/libm.so.6 (0x…)", "/lib64/ld-linux-x86-64.so.2 (0x…)".
    for (const std::string& word : std::vector<std::string>(
             absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty()))) {
      if (absl::StartsWith(word, "/") && !absl::EndsWith(word, ":")) libraries.push_back(word);
    }
  }
  return libraries;
}

absl::StatusOr<std::string> BuildAndPushImage(const LabRecord& lab, const ImageRecipe& recipe) {
  DROVER_ASSIGN_OR_RETURN(std::string engine, AnsweringEngine(lab));
  const std::string folder = LabPaths(lab.name).image(recipe.name);
  const std::string reference = absl::StrCat(kRegistryHost, "/", recipe.name);
  DROVER_RETURN_IF_ERROR(RemoveTree(folder));
  DROVER_RETURN_IF_ERROR(FillRoot(recipe, folder + "/root"));
  DROVER_RETURN_IF_ERROR(Push(engine, recipe, folder + "/root", reference));
  DROVER_RETURN_IF_ERROR(RemoveTree(folder));
  return reference;
}

}  // namespace drover::lab
