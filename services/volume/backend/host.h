// What the volume service asks of the kernel besides storage: slots, cgroups, mount tables.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_HOST_H_
#define DROVER_SERVICES_VOLUME_BACKEND_HOST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/volume/backend/mount_table.h"

namespace drover::volume {

// What a gate checks: that its mount point is the folder that was announced.
struct FolderIdentity {
  uint64_t device = 0;
  uint64_t inode = 0;
};

// Blocks; thread-safe.
class Host {
 public:
  virtual ~Host() = default;

  // An empty, read-only, shared tmpfs at `path`. OK if it is there already.
  virtual absl::Status MakeSlot(const std::string& path) = 0;
  // FAILED_PRECONDITION (WRITER_FOUND) while it is used. OK if there is none.
  virtual absl::Status RemoveSlot(const std::string& path) = 0;
  virtual bool IsSlot(const std::string& path) = 0;
  virtual absl::StatusOr<FolderIdentity> Identify(const std::string& path) = 0;
  // The control groups of a process whose path names `container_id`, each once, one a line. The
  // hierarchies of cgroup v1 may differ. FAILED_PRECONDITION if none does.
  virtual absl::StatusOr<std::string> CgroupOf(int pid, const std::string& container_id) = 0;
  // Whether the process is found in those control groups where this service looks for them. If it
  // is not, finding them empty proves nothing.
  virtual absl::StatusOr<bool> SeesInCgroup(int pid, const std::string& cgroup) = 0;
  // Whether no process is in those control groups, nor below them, in any hierarchy. One that is
  // not there any more is empty.
  virtual absl::StatusOr<bool> IsCgroupEmpty(const std::string& cgroup) = 0;
  // Of every mount namespace.
  virtual absl::StatusOr<std::vector<MountEntry>> AllMounts() = 0;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_HOST_H_
