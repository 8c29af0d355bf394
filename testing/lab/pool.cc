#include "testing/lab/pool.h"

#include <unistd.h>

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "testing/lab/lab_json.h"
#include "testing/lab/lab_paths.h"
#include "testing/lab/machine_entry.h"

namespace drover::lab {
namespace {

// The commands that a user types, by the same program.
std::vector<std::string> PoolCommand(const LabRecord& lab, const std::string& file, bool is_new) {
  std::vector<std::string> command = {lab.bin_dir + "/drover-volume", "--backend",
                                      BackendName(lab.backend),
                                      is_new ? "--init-pool" : "--mount-pool", file};
  if (is_new) command.insert(command.end(), {"--size", lab.pool_size});
  return command;
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
  return RunToolInMachine(machine.init, PoolCommand(lab, file, is_new)).status();
}

}  // namespace drover::lab
