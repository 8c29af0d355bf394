// The contract suite of StorageBackend: every implementation runs these tests.
//
//   INSTANTIATE_TEST_SUITE_P(Btrfs, StorageBackendContract, testing::Values(&MakeBtrfsWorld));
#ifndef DROVER_SERVICES_VOLUME_BACKEND_BACKEND_CONTRACT_H_
#define DROVER_SERVICES_VOLUME_BACKEND_BACKEND_CONTRACT_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "services/volume/backend/storage_backend.h"

namespace drover::volume {

// Two pools of one kind. Its destructor leaves nothing behind.
class BackendWorld {
 public:
  virtual ~BackendWorld() = default;
  virtual StorageBackend& source() = 0;
  virtual StorageBackend& destination() = 0;
  // A fresh view of the source's pool, as after a restart of the daemon.
  virtual std::unique_ptr<StorageBackend> ReopenSource() = 0;
  // Makes the live volume's files reachable and answers where.
  virtual std::string Open(StorageBackend& backend, const VolumeKey& volume) = 0;
  virtual void Close(StorageBackend& backend, const VolumeKey& volume) = 0;
  // Puts another subvolume or dataset inside the live volume of the source.
  virtual void Nest(const VolumeKey& volume) = 0;
};

// nullptr if it cannot run here (no root): the test is skipped.
using MakeBackendWorld = std::unique_ptr<BackendWorld> (*)();

class StorageBackendContract : public testing::TestWithParam<MakeBackendWorld> {
 protected:
  void SetUp() override;

  void Write(StorageBackend& backend, const std::string& file, const std::string& text);
  std::string Read(StorageBackend& backend, const std::string& file);
  std::string Read(StorageBackend& backend, const std::string& file, const VolumeKey& volume);
  // The stream of snapshot `name`, as a file's path.
  std::string Send(const std::string& name, const std::optional<std::string>& base);
  // Feeds `stream` to the destination's program, and answers its acceptance.
  absl::StatusOr<StoredSnapshot> Receive(const IncomingSnapshot& incoming,
                                         const std::string& stream);
  IncomingSnapshot Incoming(const SnapshotRef& snapshot, std::optional<std::string> base);

  std::unique_ptr<BackendWorld> world_;
  const VolumeKey volume_{ApplicationName("redis"), ""};
  int transfers_ = 0;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_BACKEND_CONTRACT_H_
