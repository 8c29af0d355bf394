#include "testing/lab/bin_dir.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace drover::lab {

std::string FindBinDir(const std::string& argv0) {
  std::string program = argv0;
  if (!absl::StrContains(argv0, "/")) {
    const char* path = getenv("PATH");
    const std::vector<std::string> folders = absl::StrSplit(path == nullptr ? "" : path, ':');
    for (const std::string& folder : folders) {
      program = absl::StrCat(folder, "/", argv0);
      if (access(program.c_str(), X_OK) == 0) break;
    }
  }
  std::error_code error;
  return std::filesystem::absolute(program, error).lexically_normal().parent_path().string();
}

}  // namespace drover::lab
