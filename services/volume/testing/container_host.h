// The real kernel's slots, without containers: the test's own process stands behind the gates.
#ifndef DROVER_SERVICES_VOLUME_TESTING_CONTAINER_HOST_H_
#define DROVER_SERVICES_VOLUME_TESTING_CONTAINER_HOST_H_

#include <sys/mount.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "services/volume/backend/linux_host.h"

namespace drover::volume {

class ContainerHost : public LinuxHost {
 public:
  absl::StatusOr<std::string> CgroupOf(int pid, const std::string& container_id) override {
    return "/docker/" + container_id;
  }
  absl::StatusOr<bool> SeesInCgroup(int pid, const std::string& cgroup) override { return true; }
};

// Unmounts, last first, what a test that failed left below `folder`.
inline void UnmountBelow(const std::string& folder) {
  const std::vector<MountEntry> mounts = OwnMounts().value();
  for (auto one = mounts.rbegin(); one != mounts.rend(); ++one) {
    if (absl::StartsWith(one->mount_point, folder + "/")) {
      umount2(one->mount_point.c_str(), MNT_DETACH);
    }
  }
}

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_TESTING_CONTAINER_HOST_H_
