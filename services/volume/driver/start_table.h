// The starts of containers that this service was told of, with their slots and control folders.
#ifndef DROVER_SERVICES_VOLUME_DRIVER_START_TABLE_H_
#define DROVER_SERVICES_VOLUME_DRIVER_START_TABLE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/async/blocking.h"
#include "services/common/ids/ids.h"
#include "services/volume/backend/host.h"

namespace drover::volume {

// A place where a volume appears for one start of a container.
struct Slot {
  std::string volume_id;
  std::string mountpoint;
  // On this node.
  std::string path;

  friend bool operator==(const Slot&, const Slot&) = default;
};

struct Start {
  StartId id;
  ApplicationName application;
  // Empty until its gate has reported itself.
  ContainerId container_id;
  std::vector<Slot> slots;
  // Holds the control socket.
  std::string control_folder;
  // The program behind its gate was executed: nobody may ask for a release any more.
  bool executed = false;
  // Its container is gone, but something else still used a slot, which is unmounted later.
  bool released = false;
};

// Used on the io thread. Starts are kept as files in RUN_DIR/starts, beside what they describe, so
// that a restarted daemon knows them; a reboot clears all of it together.
class StartTable {
 public:
  StartTable(Host& host, BlockingPool& pool, std::string run_dir)
      : host_(host), pool_(pool), run_dir_(std::move(run_dir)) {}

  // Reads the starts of an earlier run; those whose slots are gone (a reboot) are forgotten.
  Task<absl::Status> Load();

  // Makes the slots and the control folder. `volumes`: ids and mountpoints. A repeat answers the
  // same; ALREADY_EXISTS if the start was made with other volumes.
  Task<absl::StatusOr<Start>> Attach(StartId id, ApplicationName application,
                                     std::vector<Slot> volumes);
  // The start's gate has reported itself from within that container.
  Task<absl::Status> SetContainer(StartId id, ContainerId container_id);
  // The program behind its gate was executed.
  Task<absl::Status> SetExecuted(StartId id);
  // Its container is gone, and a slot is still used by something else.
  Task<absl::Status> SetReleased(StartId id);
  // Removes all that Attach made. Volumes are unmounted from the slots before.
  Task<absl::Status> Remove(StartId id);

  // NOT_FOUND if this service was not told of it.
  absl::StatusOr<Start> Get(const StartId& id, const ApplicationName& application) const;
  std::vector<Start> Of(const ApplicationName& application) const;
  std::vector<Start> All() const;

 private:
  Start Describe(const StartId& id, const ApplicationName& application,
                 std::vector<Slot> volumes) const;
  std::string FileOf(const StartId& id) const;
  // Of a start that may have been removed meanwhile.
  Task<absl::Status> Replace(Start start);

  Host& host_;
  BlockingPool& pool_;
  const std::string run_dir_;
  std::map<StartId, Start> starts_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_DRIVER_START_TABLE_H_
