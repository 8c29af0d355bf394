#include "testing/lab/pool.h"

#include <unistd.h>

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/common/process/process.h"
#include "services/common/status/status_macros.h"
#include "testing/lab/lab_paths.h"
#include "testing/lab/machine_entry.h"

namespace drover::lab {
namespace {

absl::Status RunIn(const MachineRecord& machine, const std::vector<std::string>& command) {
  return RunToolInMachine(machine.init, command).status();
}

absl::Status StartBtrfs(const MachineRecord& machine, const std::string& file, bool is_new) {
  if (is_new) DROVER_RETURN_IF_ERROR(RunIn(machine, {"mkfs.btrfs", "--quiet", file}));
  DROVER_RETURN_IF_ERROR(RunIn(machine, {"mkdir", "-p", PoolName(Backend::kBtrfs)}));
  return RunIn(machine, {"mount", "-o", "loop", file, PoolName(Backend::kBtrfs)});
}

// As the distribution's boot script: zfs-fuse itself brings back the pools it had.
absl::Status BringBackZfs(const MachineRecord& machine, const std::string& file) {
  const std::string pool = PoolName(Backend::kZfs);
  if (!RunIn(machine, {"zpool", "list", pool}).ok()) {
    const std::string folder = file.substr(0, file.rfind('/'));
    DROVER_RETURN_IF_ERROR(RunIn(machine, {"zpool", "import", "-f", "-d", folder, pool}));
  }
  return RunIn(machine, {"zfs", "mount", "-a"});
}

absl::Status StartZfs(const MachineRecord& machine, const std::string& file, bool is_new) {
  if (!is_new) return BringBackZfs(machine, file);
  return RunIn(machine, {"zpool", "create", "-m", "none", PoolName(Backend::kZfs), file});
}

}  // namespace

absl::Status CheckPoolSize(const std::string& size) {
  int64_t number = 0;
  const char unit = size.empty() ? '\0' : size.back();
  const bool is_size = (unit == 'M' || unit == 'G' || unit == 'T') &&
                       absl::SimpleAtoi(size.substr(0, size.size() - 1), &number);
  if (is_size && number >= (unit == 'M' ? 256 : 1) && number <= 1 << 20) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("'", size, "' is no size of a pool: write for example 4G; 256M is the least"));
}

absl::Status StartPool(const LabRecord& lab, const MachineRecord& machine) {
  const std::string file = LabPaths(lab.name).pool_file(machine.name);
  const bool is_new = access(file.c_str(), F_OK) != 0;
  if (is_new) DROVER_RETURN_IF_ERROR(RunChecked({"truncate", "-s", lab.pool_size, file}).status());
  return lab.backend == Backend::kZfs ? StartZfs(machine, file, is_new)
                                      : StartBtrfs(machine, file, is_new);
}

}  // namespace drover::lab
