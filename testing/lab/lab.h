// A whole cluster on one Linux machine, for newcomers, tests and benchmarks.
#ifndef DROVER_TESTING_LAB_LAB_H_
#define DROVER_TESTING_LAB_LAB_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "testing/lab/fabric.h"
#include "testing/lab/lab_paths.h"
#include "testing/lab/lab_record.h"
#include "testing/lab/lab_status.h"

namespace drover::lab {

struct LabOptions {
  std::string name = "lab";
  int nodes = 2;
  Backend backend = Backend::kBtrfs;
  Engine engine = Engine::kDocker;
  std::string pool_size = "4G";
  // Holds drover-lab, drover-volume (which makes the pools) and, if with_drover, all of Drover's
  // programs.
  std::string bin_dir;
  // False: no daemons of Drover, only machines, engines, pools and the registry.
  bool with_drover = true;
  // Told in a few words what is being done.
  std::function<void(absl::string_view)> on_step = [](absl::string_view) {};
};

// What a command inside a machine did.
struct CommandOutcome {
  int exit_code = 0;
  std::string output;
  std::string error_output;
};

// Handle of a lab, which outlives it: the lab is made of processes and files, and ends with Down.
// Every call blocks. Calls that change the lab wait for each other, in other processes too.
// All need root.
class Lab {
 public:
  // Makes a lab and registers its nodes with the coordinator. ALREADY_EXISTS if there is one of
  // that name. If it fails, what was made is left for inspection; Down removes it.
  static absl::StatusOr<Lab> Up(const LabOptions& options);

  // NOT_FOUND if there is none of that name.
  static absl::StatusOr<Lab> Open(const std::string& name);

  // Removes all that the lab of that name has made, also if its Up was killed half way. OK if there
  // is none. Fails, naming what is left, if anything is.
  static absl::Status Down(const std::string& name);

  const std::string& name() const { return name_; }
  LabPaths paths() const { return LabPaths(name_); }

  absl::StatusOr<LabRecord> Record() const;
  absl::StatusOr<LabStatus> Status() const;

  // Runs `command` in the machine with our terminal and standard streams, in `folder`; returns its
  // exit status as a shell does.
  absl::StatusOr<int> Exec(const std::string& machine, const std::vector<std::string>& command,
                           const std::string& folder);

  // As Exec, without a terminal, in /, collecting what it wrote.
  absl::StatusOr<CommandOutcome> Run(const std::string& machine,
                                     const std::vector<std::string>& command);
  // As Run, but an exit code other than 0 is an error that quotes the command. Returns the output.
  absl::StatusOr<std::string> RunOk(const std::string& machine,
                                    const std::vector<std::string>& command);

  // `daemon`: as in `volume@node1`. FAILED_PRECONDITION if it is not running. After SIGKILL and
  // SIGTERM, returns when it has ended.
  absl::Status Kill(const std::string& daemon, int signal);
  // Returns when it serves. OK if it is running already.
  absl::Status Start(const std::string& daemon);

  absl::Status Partition(const std::string& node, const std::string& peer, Direction direction);
  absl::Status Heal();

  // Everything of the node stops at once, and starts again with the disks as they are.
  absl::Status Reboot(const std::string& node);

  // Makes that image from the distribution's packages and pushes it to the lab's registry; returns
  // its reference.
  absl::StatusOr<std::string> MakeImage(const std::string& image);

 private:
  explicit Lab(std::string name) : name_(std::move(name)) {}

  std::string name_;
};

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_LAB_H_
