#include "services/container/gate/program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

namespace drover::gate {
namespace {

// What Docker gives to a container whose image sets no PATH.
constexpr char kDefaultPath[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// `name`, absolute; a relative one counts from the working directory. False if it is too long.
bool MakeAbsolute(const CommandLine& line, const char* name, char* path) {
  const char* base = name[0] == '/' ? "" : line.working_directory;
  const char* slash = name[0] == '/' ? "" : "/";
  return snprintf(path, PATH_MAX, "%s%s%s", base, slash, name) < PATH_MAX;
}

Lookup LookAt(const CommandLine& line, bool slots_are_mounted, const char* path) {
  if (!slots_are_mounted && IsBelowSlot(line, path)) return Lookup::kDeferred;
  struct stat info;
  if (stat(path, &info) != 0) {
    // A link that leads nowhere yet may lead into a slot.
    const bool dangling = !slots_are_mounted && lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
    return dangling ? Lookup::kDeferred : Lookup::kNotFound;
  }
  if (!S_ISREG(info.st_mode) || access(path, X_OK) != 0) return Lookup::kNotExecutable;
  return Lookup::kFound;
}

}  // namespace

Lookup FindProgram(const CommandLine& line, bool slots_are_mounted, char* path) {
  const char* name = line.command[0];
  if (name[0] == '\0') return Lookup::kNotFound;
  if (strchr(name, '/') != nullptr) {
    if (!MakeAbsolute(line, name, path)) return Lookup::kNotFound;
    return LookAt(line, slots_are_mounted, path);
  }
  const char* folders = getenv("PATH");
  if (folders == nullptr) folders = kDefaultPath;
  Lookup result = Lookup::kNotFound;
  while (true) {
    const size_t length = strcspn(folders, ":");
    char candidate[PATH_MAX];
    const char* separator = length == 0 ? "" : "/";
    const int size = snprintf(candidate, sizeof(candidate), "%.*s%s%s", static_cast<int>(length),
                              folders, separator, name);
    if (size < PATH_MAX && MakeAbsolute(line, candidate, path)) {
      const Lookup here = LookAt(line, slots_are_mounted, path);
      if (here == Lookup::kFound) return here;
      if (result != Lookup::kDeferred && here != Lookup::kNotFound) result = here;
    }
    if (folders[length] == '\0') return result;
    folders += length + 1;
  }
}

}  // namespace drover::gate
