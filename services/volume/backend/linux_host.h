// Host on the real kernel.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_LINUX_HOST_H_
#define DROVER_SERVICES_VOLUME_BACKEND_LINUX_HOST_H_

#include <string>
#include <vector>

#include "services/volume/backend/host.h"

namespace drover::volume {

class LinuxHost : public Host {
 public:
  absl::Status MakeSlot(const std::string& path) override;
  absl::Status RemoveSlot(const std::string& path) override;
  bool IsSlot(const std::string& path) override;
  absl::StatusOr<FolderIdentity> Identify(const std::string& path) override;
  absl::StatusOr<std::string> CgroupOf(int pid, const std::string& container_id) override;
  absl::StatusOr<bool> SeesInCgroup(int pid, const std::string& cgroup) override;
  absl::StatusOr<bool> IsCgroupEmpty(const std::string& cgroup) override;
  absl::StatusOr<std::vector<MountEntry>> AllMounts() override;

 private:
  absl::Status Make(const std::string& path);
};

// The paths in a /proc/PID/cgroup text that name `container_id`, each once, one a line.
std::string CgroupPathsNaming(const std::string& text, const std::string& container_id);

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_LINUX_HOST_H_
