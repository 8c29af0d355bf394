// Copy rounds: snapshots of a group's volumes, sent to the volume service of another node.
#ifndef DROVER_SERVICES_VOLUME_DRIVER_PUSH_ROUNDS_H_
#define DROVER_SERVICES_VOLUME_DRIVER_PUSH_ROUNDS_H_

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/async/blocking.h"
#include "services/common/async/sleeper.h"
#include "services/common/process/child.h"
#include "services/common/time/clock.h"
#include "services/volume/backend/storage_backend.h"
#include "services/volume/client/peer.h"
#include "services/volume/driver/group_store.h"
#include "services/volume/driver/stall_watch.h"
#include "services/volume/driver/volume_sizes.h"

namespace drover::volume {

struct PushOrder {
  ApplicationName application;
  MigrationKey key;
  // 0: the final one, of a sealed group.
  int round = 0;
  NodeName destination;
  // host:port.
  std::string address;
  // 0 = no limit.
  int64_t bytes_per_second = 0;
};

struct PushResult {
  int64_t bytes = 0;
  absl::Duration duration;
  // By volume, in the group's order.
  std::vector<SnapshotRef> snapshots;
  bool incremental = true;
  // Sent again after a cut of the network.
  int64_t resent_bytes = 0;
};

struct PushProgress {
  int64_t sent_bytes = 0;
  // 0 = unknown.
  int64_t total_bytes = 0;
};

// Used on the io thread. A round runs by itself once begun: it goes on without its caller, and only
// Cancel ends it early.
class PushRounds {
 public:
  struct Deps {
    boost::asio::any_io_executor executor;
    StorageBackend& backend;
    BlockingPool& pool;
    GroupStore& groups;
    PeerConnector& peers;
    const VolumeSizes& sizes;
    Sleeper& sleeper;
    const Clock& clock;
    absl::Duration stall_limit = kStallLimit;
  };
  explicit PushRounds(Deps deps) : deps_(std::move(deps)) {}

  // Begins the round, or joins it, or answers its result again; a round that failed is begun anew.
  // `on_progress` answers false when its reader is gone. ALREADY_EXISTS if the round was begun
  // towards another node.
  Task<absl::StatusOr<PushResult>> Run(PushOrder order,
                                       std::function<Task<bool>(PushProgress)> on_progress);

  // Ends the rounds of a migration, and answers when their processes are gone.
  Task<void> Cancel(MigrationId migration);
  // Forgets their results.
  void Forget(const MigrationId& migration);
  // At shutdown.
  Task<void> CancelAll();

 private:
  class Round;

  // By volume.
  using HeldSnapshots = std::map<std::string, std::vector<SnapshotRef>>;

  Task<absl::StatusOr<PushResult>> Push(std::shared_ptr<Round> round);
  // What the destination holds. The application waits for the final delta: what the round before
  // sent is there, and the first attempt does not ask.
  Task<absl::StatusOr<HeldSnapshots>> Held(std::shared_ptr<Round> round,
                                           std::shared_ptr<Peer> peer);
  // Nothing if no round of that migration was sent yet.
  std::optional<PushResult> LastSent(const PushOrder& order) const;
  Task<absl::StatusOr<std::vector<SnapshotRef>>> TakeSnapshots(PushOrder order);
  // Sends one volume's snapshot; answers whether it went incrementally.
  Task<absl::StatusOr<bool>> SendVolume(std::shared_ptr<Round> round, std::shared_ptr<Peer> peer,
                                        std::string volume_id, SnapshotRef snapshot,
                                        std::vector<SnapshotRef> held);
  // UNAVAILABLE (STALLED) if nothing moves for the limit's time.
  Task<absl::Status> Stream(std::shared_ptr<Round> round, OutgoingTransfer& transfer,
                            std::vector<std::string> command);
  Task<absl::Status> Copy(std::shared_ptr<Round> round, Child& child, OutgoingTransfer& transfer,
                          StallWatch& watch);
  // Waits until a stream that `begun` then may have sent so much, at `rate` per second.
  Task<void> Pace(int64_t rate, int64_t sent, absl::Time begun) const;
  Task<void> PruneEarlierRounds(PushOrder order, std::vector<SnapshotRef> sent);

  const Deps deps_;
  std::map<std::pair<MigrationId, int>, std::shared_ptr<Round>> rounds_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_DRIVER_PUSH_ROUNDS_H_
