// The seal: stops an application and proves that nothing can write to its volumes any more.
#ifndef DROVER_SERVICES_VOLUME_DRIVER_SEALER_H_
#define DROVER_SERVICES_VOLUME_DRIVER_SEALER_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/async/blocking.h"
#include "services/common/time/clock.h"
#include "services/container/client/container_client.h"
#include "services/volume/backend/storage_backend.h"
#include "services/volume/driver/app_starts.h"
#include "services/volume/driver/group_store.h"

namespace drover::volume {

struct SealResult {
  // By volume, in the group's order.
  std::vector<SnapshotRef> snapshots;
  absl::Duration stop_duration;
  absl::Duration seal_duration;
};

// Used on the io thread.
class Sealer {
 public:
  struct Deps {
    StorageBackend& backend;
    BlockingPool& pool;
    GroupStore& groups;
    AppStarts& starts;
    container::ContainerClient& containers;
    const Clock& clock;
  };
  explicit Sealer(Deps deps) : deps_(deps) {}

  // Durable SEALING (which revokes every gate) → stop → proof → final snapshots → durable SEALED.
  // FAILED_PRECONDITION (WRITER_FOUND) if the proof fails; the state stays SEALING, and only
  // AbortMigration or another Seal leads out of it.
  Task<absl::StatusOr<SealResult>> Seal(ApplicationName application, MigrationKey key);

 private:
  Task<absl::StatusOr<bool>> Begin(ApplicationName application, MigrationKey key);
  Task<absl::Status> Stop(ApplicationName application);
  Task<absl::StatusOr<std::vector<SnapshotRef>>> Prove(GroupRecord record, MigrationKey key);

  const Deps deps_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_DRIVER_SEALER_H_
