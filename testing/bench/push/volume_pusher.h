// Makes two nodes' volume services push a volume, as the coordinator does in a move's first copy
// round.
#ifndef DROVER_TESTING_BENCH_PUSH_VOLUME_PUSHER_H_
#define DROVER_TESTING_BENCH_PUSH_VOLUME_PUSHER_H_

#include <istream>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "drover/volume/v1/volume_service.grpc.pb.h"
#include "services/common/tls/credentials.h"

namespace drover::bench {

// A node's volume service.
struct VolumeNode {
  std::string name;
  std::string address;
};

// Calls as the coordinator, with an epoch above that of any real one: no coordinator may run.
// Blocks.
class VolumePusher {
 public:
  VolumePusher(const TlsFolder& tls, VolumeNode source, VolumeNode destination,
               std::string application);

  // Makes the application's volume on the source and fills it from a tar archive.
  absl::Status Create(std::istream& tar);

  // Pushes the whole volume and lets the destination forget it again. The result is the service's
  // own: from the snapshot until the destination has verified and synced. `number` is new each
  // time.
  absl::StatusOr<volume::v1::PushResult> Push(int number);

 private:
  using Stub = volume::v1::VolumeService::Stub;

  volume::v1::MigrationKey Key(int number) const;
  absl::StatusOr<volume::v1::PushResult> PushReserved(const volume::v1::MigrationKey& key);
  absl::Status Abort(Stub& stub, const volume::v1::MigrationKey& key);

  const VolumeNode destination_node_;
  const std::string application_;
  std::unique_ptr<Stub> source_, destination_;
};

}  // namespace drover::bench

#endif  // DROVER_TESTING_BENCH_PUSH_VOLUME_PUSHER_H_
