// What the driver knows about one application of this node.
#ifndef DROVER_SERVICES_CONTAINER_DRIVER_APPLICATION_H_
#define DROVER_SERVICES_CONTAINER_DRIVER_APPLICATION_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "drover/container/v1/record.pb.h"
#include "services/common/ids/ids.h"
#include "services/container/domain/image_config.h"
#include "services/container/domain/start_phase.h"

namespace drover::container {

inline std::vector<std::string> MountpointsOf(const common::v1::ApplicationSpec& spec) {
  std::vector<std::string> mountpoints;
  for (const auto& volume : spec.volumes()) mountpoints.push_back(volume.mountpoint());
  return mountpoints;
}

struct Application {
  // As it is on disk.
  v1::StartRecord record;

  // The rest is known anew after each restart of the daemon. About the container of the record's
  // start:
  StartFacts facts;
  ImageConfig image;
  std::string address;
  // Its first process, as this machine counts; 0 unless it ran when it was looked at last.
  int pid = 0;
  absl::Time started_at = absl::InfinitePast();
  absl::Time opened_at = absl::InfinitePast();
  absl::Time ended_at = absl::InfinitePast();
  int exit_code = 0;
  // The daemon has started, and has not decided yet whether the application is started again.
  bool recovering = false;
  // Its end was seen; what follows from it has not been decided yet.
  bool end_undecided = false;
  // Whether somebody observes its readiness, until when that is waited for, and why it was not
  // ready then.
  bool probing = false;
  absl::Time ready_deadline = absl::InfiniteFuture();
  std::optional<absl::Status> not_ready;
  // In words, if something is wrong.
  std::string problem;

  const std::string& name() const { return record.spec().name(); }
  ContainerId container_id() const { return ContainerId(record.container_id()); }
  bool has_container() const { return !record.container_id().empty(); }
  bool runs() const { return has_container() && !facts.ended; }

  // Forgets what was known about an earlier start.
  void ForgetStart() {
    record.clear_start_id();
    record.clear_container_id();
    record.clear_start_time();
    record.clear_stop_signal();
    record.clear_image_digest();
    Application fresh;
    fresh.record = std::move(record);
    *this = std::move(fresh);
  }
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DRIVER_APPLICATION_H_
