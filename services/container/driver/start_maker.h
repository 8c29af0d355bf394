// Makes and removes the container of one start, with its slots.
#ifndef DROVER_SERVICES_CONTAINER_DRIVER_START_MAKER_H_
#define DROVER_SERVICES_CONTAINER_DRIVER_START_MAKER_H_

#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "services/common/async/blocking.h"
#include "services/common/async/task.h"
#include "services/container/backend/bridge_ports.h"
#include "services/container/backend/container_engine.h"
#include "services/container/driver/application.h"
#include "services/volume/client/volume_client.h"

namespace drover::container {

// Labels of our containers.
inline constexpr char kApplicationLabel[] = "drover.app";
inline constexpr char kGenerationLabel[] = "drover.generation";
inline constexpr char kConfigHashLabel[] = "drover.config-hash";
inline constexpr char kStartLabel[] = "drover.start";
// Of the containers that only lend what an image holds.
inline constexpr char kSeedLabel[] = "drover.seed";

// Called with the application's lock held.
class StartMaker {
 public:
  struct Options {
    // drover-gate on this node.
    std::string gate_path;
    // This node's address, for links.
    std::string node_address;
  };
  // All of them must outlive it.
  struct Deps {
    ContainerEngine& engine;
    volume::VolumeClient& volumes;
    BridgePorts& bridge_ports;
    BlockingPool& pool;
  };
  StartMaker(Deps deps, Options options) : deps_(deps), options_(std::move(options)) {}

  // Attaches slots, creates and starts the container of the record's start, and waits until its
  // gate waits. Fills in what is known then. On an error nothing is left of the start, or its
  // record names it still. NOT_FOUND (IMAGE_NOT_FOUND); FAILED_PRECONDITION with the gate's words.
  Task<absl::Status> Make(std::shared_ptr<Application> application);

  // FAILED_PRECONDITION (NESTED_VOLUME) if the image does not go with the application's volumes.
  // For what is new: what runs was made with them, and is started again whatever its image says.
  Task<absl::Status> CheckImage(common::v1::ApplicationSpec spec);

  // Removes every container of the application and their slots; `start_id`, if not empty, names a
  // start whose container may be gone. FAILED_PRECONDITION (WRITER_FOUND) if a process outlived
  // its container.
  Task<absl::Status> Remove(std::string application, std::string start_id);

  // Fills those of the application's volumes with what its image holds at their mountpoints.
  Task<absl::Status> Seed(v1::StartRecord record, std::set<std::string> volumes);

 private:
  Task<absl::Status> MakeContainer(std::shared_ptr<Application> application);
  // The application's own port, too, leads from its container to itself.
  Task<void> ConnectToItself(ContainerInfo container);
  ContainerOptions OptionsFor(const Application& application,
                              const volume::v1::AttachSlotsResponse& slots,
                              const std::vector<std::string>& command) const;
  Task<absl::Status> SeedFrom(ContainerId container, v1::StartRecord record,
                              std::set<std::string> volumes);

  Deps deps_;
  const Options options_;
};

// Fills in what an inspected container says about itself.
void NoteContainer(const ContainerInfo& container, Application* application);

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DRIVER_START_MAKER_H_
