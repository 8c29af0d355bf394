// A btrfs pool in a file, for tests that run as root.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_LOOP_BTRFS_H_
#define DROVER_SERVICES_VOLUME_BACKEND_LOOP_BTRFS_H_

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/mount.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"

namespace drover::volume {

// Makes, mounts, and in the end unmounts and removes it.
class LoopBtrfs {
 public:
  explicit LoopBtrfs(const std::string& name, int megabytes = 512) {
    // Short: the control sockets of a test's node lie below, and socket paths end at 108 bytes.
    std::string pattern = absl::StrCat("/tmp/drover-", name, "-XXXXXX");
    folder_ = std::filesystem::canonical(mkdtemp(pattern.data()));
    std::filesystem::create_directory(mount_point());
    const std::string image = folder_ + "/image";
    const std::string command = absl::StrCat(
        "PATH=/usr/sbin:$PATH; truncate -s ", megabytes, "M ", image, " && mkfs.btrfs -q ", image,
        " >/dev/null && mount -o loop ", image, " ", mount_point());
    if (system(command.c_str()) != 0) ADD_FAILURE() << command;
  }
  ~LoopBtrfs() {
    if (umount(mount_point().c_str()) != 0) ADD_FAILURE() << "cannot unmount " << mount_point();
    std::filesystem::remove_all(folder_);
  }
  LoopBtrfs(const LoopBtrfs&) = delete;
  LoopBtrfs& operator=(const LoopBtrfs&) = delete;

  const std::string& folder() const { return folder_; }
  std::string mount_point() const { return folder_ + "/pool"; }

 private:
  std::string folder_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_LOOP_BTRFS_H_
