// Switching machines of a lab on.
#ifndef DROVER_TESTING_LAB_MACHINE_BOOT_H_
#define DROVER_TESTING_LAB_MACHINE_BOOT_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "testing/lab/daemon_catalog.h"
#include "testing/lab/lab_record.h"
#include "testing/lab/machine_root.h"

namespace drover::lab {

// Boots machines whose disks (folders, certificates, configurations) have been prepared. Every
// process is in the record, durably, before it does anything. Not thread-safe.
class MachineBoot {
 public:
  using SaveRecord = std::function<absl::Status()>;

  // `lab` outlives this object; `save` makes what was changed in it durable.
  MachineBoot(LabRecord* lab, SaveRecord save) : lab_(*lab), save_(std::move(save)) {}

  // Makes the network that the machines are plugged into. Once per lab.
  absl::Status StartFabric();

  // Switches these machines on, all at the same time; returns when all their daemons serve.
  absl::Status Start(const std::vector<MachineRecord*>& machines);

  // Starts one daemon of a machine that is on, and waits until it serves.
  absl::Status StartDaemon(MachineRecord& machine, const DaemonSpec& daemon);

 private:
  absl::StatusOr<ProcessIdentity> StartInit(const std::string& hostname,
                                            const MachineRootOptions& root,
                                            ProcessIdentity* recorded);
  absl::Status SwitchOn(MachineRecord& machine);
  absl::Status Spawn(MachineRecord& machine, const DaemonSpec& daemon);
  absl::Status StartLayer(const std::vector<MachineRecord*>& machines, DaemonLayer layer);
  absl::Status AwaitLayer(const std::vector<MachineRecord*>& machines, DaemonLayer layer);
  absl::Status AwaitDaemon(const MachineRecord& machine, const DaemonSpec& daemon);
  absl::Status StartPools(const std::vector<MachineRecord*>& machines);

  LabRecord& lab_;
  SaveRecord save_;
};

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_MACHINE_BOOT_H_
