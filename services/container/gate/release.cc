#include "services/container/gate/release.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

namespace drover::gate {
namespace {

bool IsSlot(const CommandLine& line, const char* path) {
  for (int i = 0; i < line.mountpoint_count; ++i) {
    if (strcmp(line.mountpoints[i], path) == 0) return true;
  }
  return false;
}

// Checks one "mount DEV INO MOUNTPOINT". False, with `problem` set, if it does not hold.
bool CheckMount(const CommandLine& line, const char* text, char* problem, size_t size) {
  unsigned long long device = 0;
  unsigned long long inode = 0;
  int path_at = 0;
  if (strncmp(text, kMount, strlen(kMount)) != 0 ||
      sscanf(text + strlen(kMount), "%llu %llu %n", &device, &inode, &path_at) != 2) {
    snprintf(problem, size, "not a mount line: %.200s", text);
    return false;
  }
  const char* path = text + strlen(kMount) + path_at;
  if (!IsSlot(line, path)) {
    snprintf(problem, size, "%.200s is not one of this container's slots", path);
    return false;
  }
  struct stat info;
  if (stat(path, &info) != 0) {
    snprintf(problem, size, "cannot look at %.200s: %s", path, strerror(errno));
    return false;
  }
  if (info.st_dev != device || info.st_ino != inode) {
    snprintf(problem, size, "%.200s is not the announced volume: it is %llu:%llu, not %llu:%llu",
             path, static_cast<unsigned long long>(info.st_dev),
             static_cast<unsigned long long>(info.st_ino), device, inode);
    return false;
  }
  return true;
}

}  // namespace

Release AwaitRelease(const CommandLine& line, Control* control, char* problem, size_t size) {
  const char* text = control->ReadLine();
  if (text == nullptr) return Release::kLost;
  if (strncmp(text, kRelease, strlen(kRelease)) != 0) {
    snprintf(problem, size, "not a release: %.200s", text);
    return Release::kRefused;
  }
  const int count = atoi(text + strlen(kRelease));
  if (count != line.mountpoint_count) {
    snprintf(problem, size, "%d volumes were announced for %d slots", count, line.mountpoint_count);
    return Release::kRefused;
  }
  for (int i = 0; i < count; ++i) {
    text = control->ReadLine();
    if (text == nullptr) return Release::kLost;
    if (!CheckMount(line, text, problem, size)) return Release::kRefused;
  }
  return Release::kGranted;
}

}  // namespace drover::gate
