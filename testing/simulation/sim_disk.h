// What of a node outlives its crashes.
#ifndef DROVER_TESTING_SIMULATION_SIM_DISK_H_
#define DROVER_TESTING_SIMULATION_SIM_DISK_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "drover/container/v1/record.pb.h"
#include "services/common/fence/epoch_rule.h"
#include "services/proxy/domain/route_table.h"
#include "services/volume/domain/group_record.h"
#include "testing/simulation/app_model.h"

namespace drover::simulation {

struct SimSnapshot {
  volume::SnapshotRef ref;
  Version content = 0;
};

// The volumes of one application: they have one fate, so one content stands for all.
struct SimVolume {
  std::optional<Version> live;
  // Oldest first.
  std::vector<SimSnapshot> snapshots;
};

// Records as the services write them, each replaced as a whole or not at all.
struct SimDisk {
  std::map<ApplicationName, volume::GroupRecord> groups;
  std::map<ApplicationName, SimVolume> volumes;
  std::map<std::string, container::v1::StartRecord> starts;
  proxy::RouteTable routes;
  SeenEpoch volume_epoch;
  SeenEpoch container_epoch;
  SeenEpoch proxy_epoch;
  // The pool takes nothing more.
  bool full = false;
};

}  // namespace drover::simulation

#endif  // DROVER_TESTING_SIMULATION_SIM_DISK_H_
