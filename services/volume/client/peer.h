// The volume service of another node, as a sender of snapshots sees it.
#ifndef DROVER_SERVICES_VOLUME_CLIENT_PEER_H_
#define DROVER_SERVICES_VOLUME_CLIENT_PEER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/async/task.h"
#include "services/common/ids/ids.h"
#include "services/volume/domain/group_record.h"

namespace drover::volume {

// What a stream is, told before it.
struct TransferOrder {
  // Unique for one attempt; a plain name.
  std::string transfer;
  ApplicationName application;
  std::string volume_id;
  MigrationKey migration;
  SnapshotRef snapshot;
  // Empty: a full stream.
  std::string base_identity;
  std::string backend;

  friend bool operator==(const TransferOrder&, const TransferOrder&) = default;
};

// One stream to a peer, which goes on after a cut of the network: Write and Commit wait meanwhile,
// until Cancel. Used on one executor, by one coroutine (Cancel: by any). Dropped before Commit has
// answered, the peer discards what it took once it is tired of waiting, or is told of another
// attempt or an abort.
class OutgoingTransfer {
 public:
  virtual ~OutgoingTransfer() = default;
  // Up to 1 MiB, which is on its way when this returns. The peer's refusal if it has ended the
  // transfer. UNAVAILABLE (TRANSFER_LOST) if the peer was restarted.
  virtual Task<absl::Status> Write(std::string part) = 0;
  // All was written: OK when the peer has verified and synced the snapshot.
  virtual Task<absl::Status> Commit() = 0;
  virtual void Cancel() = 0;
  // What a cut made it send again.
  virtual int64_t resent_bytes() const = 0;
};

class Peer {
 public:
  virtual ~Peer() = default;
  // Snapshots there, by volume id; empty if the peer knows nothing of the application.
  virtual Task<absl::StatusOr<std::map<std::string, std::vector<SnapshotRef>>>> Snapshots(
      ApplicationName application) = 0;
  virtual Task<std::unique_ptr<OutgoingTransfer>> StartTransfer(TransferOrder order) = 0;
};

class PeerConnector {
 public:
  virtual ~PeerConnector() = default;
  // `address`: host:port. The certificate there must name `node`.
  virtual std::shared_ptr<Peer> Connect(const NodeName& node, const std::string& address) = 0;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_CLIENT_PEER_H_
