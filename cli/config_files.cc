#include "cli/config_files.h"

#include <string.h>

#include <cerrno>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "services/config/configuration.h"

namespace drover::cli {
namespace {

// A little more than a configuration may have: enough for the parser to refuse the rest.
constexpr size_t kReadLimit = (1 << 20) + 1;

std::optional<config::SourceFile> Load(const std::string& path, config::Problems& problems) {
  config::SourceFile file{path, std::string(kReadLimit, '\0')};
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  stream.read(file.content.data(), kReadLimit);
  if (!stream.is_open() || stream.bad()) {
    problems.Add({path, 0, 0}, "", absl::StrCat("cannot be read: ", strerror(errno)));
    return std::nullopt;
  }
  file.content.resize(stream.gcount());
  return file;
}

}  // namespace

LoadedFiles LoadFiles(const std::string& one, const std::string& other) {
  LoadedFiles files;
  const std::optional<config::SourceFile> first = Load(one, files.problems);
  const std::optional<config::SourceFile> second = Load(other, files.problems);
  if (first.has_value() && second.has_value()) {
    files.configuration = config::ReadConfiguration(*first, *second, files.problems);
  }
  return files;
}

}  // namespace drover::cli
