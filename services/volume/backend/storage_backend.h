// What Drover needs of a storage pool: volumes, snapshots, streams of them, and a place for
// records.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_STORAGE_BACKEND_H_
#define DROVER_SERVICES_VOLUME_BACKEND_STORAGE_BACKEND_H_

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/volume/backend/mount_table.h"
#include "services/volume/domain/group_record.h"

namespace drover::volume {

// One volume of one application.
struct VolumeKey {
  ApplicationName application;
  // Empty for the only volume.
  std::string id;

  friend bool operator==(const VolumeKey&, const VolumeKey&) = default;
  friend auto operator<=>(const VolumeKey&, const VolumeKey&) = default;
};

struct PoolInfo {
  // UUID, or the pool's GUID: made with the pool.
  std::string identity;
  int64_t size_bytes = 0;
  int64_t free_bytes = 0;
};

// A read-only point in time of a volume.
struct StoredSnapshot {
  SnapshotRef ref;
  absl::Time create_time;
};

// One attempt to receive one snapshot.
struct IncomingSnapshot {
  VolumeKey volume;
  // Unique; a plain name.
  std::string transfer;
  // What the sender announced.
  SnapshotRef snapshot;
  // The snapshot that the stream builds on; absent for a full stream.
  std::optional<std::string> base_identity;
};

// A storage pool. Names reach it checked (domain/names.h). Every call blocks: run it on the pool of
// blocking threads. Safe from several threads for different applications; the driver serialises
// the calls of one. RESOURCE_EXHAUSTED (POOL_FULL) wherever space ran out.
class StorageBackend {
 public:
  virtual ~StorageBackend() = default;

  // `btrfs`, `zfs`: streams go only between equals.
  virtual std::string Kind() const = 0;
  virtual absl::StatusOr<PoolInfo> GetPool() = 0;

  // --- records: durable when the call returns ---
  virtual absl::StatusOr<std::vector<GroupRecord>> ReadRecords() = 0;
  virtual absl::Status WriteRecord(const GroupRecord& record) = 0;
  // Volumes and snapshots first, then the record. OK if there is nothing.
  virtual absl::Status RemoveGroup(const ApplicationName& application) = 0;
  // Volumes and snapshots; the record stays.
  virtual absl::Status RemoveVolumes(const ApplicationName& application) = 0;

  // --- volumes ---
  // A new, empty volume. OK if it is there already and empty of snapshots.
  virtual absl::Status CreateVolume(const VolumeKey& volume, int64_t maximum_size_bytes) = 0;
  // A volume that begins as that snapshot of `source`, shares its blocks and outlives it; an older
  // one of that name is replaced.
  virtual absl::Status CloneVolume(const VolumeKey& source, const std::string& snapshot,
                                   const VolumeKey& clone, int64_t maximum_size_bytes) = 0;
  // The live volume and all its snapshots. OK if there is nothing.
  virtual absl::Status RemoveVolume(const VolumeKey& volume) = 0;
  // 0 = unlimited. With a limit below what is used, nothing more can be written.
  virtual absl::Status SetLimit(const VolumeKey& volume, int64_t maximum_size_bytes) = 0;
  // Bytes that the live volume refers to; 0 if there is no such volume. May take minutes: CANCELLED
  // soon after `stop`.
  virtual absl::StatusOr<int64_t> UsedBytes(const VolumeKey& volume, std::stop_token stop) = 0;

  // --- snapshots ---
  virtual absl::StatusOr<StoredSnapshot> CreateSnapshot(const VolumeKey& volume,
                                                        const std::string& name) = 0;
  // Oldest first; empty if there is no such volume.
  virtual absl::StatusOr<std::vector<StoredSnapshot>> ListSnapshots(const VolumeKey& volume) = 0;
  // Whether MakeServing could put the volume back to that snapshot: NOT_FOUND;
  // FAILED_PRECONDITION (HAS_CLONES) where clones were made of later ones, if that stands in the
  // way.
  virtual absl::Status CheckRollBack(const VolumeKey& volume, const std::string& name) = 0;
  // OK if there is none.
  virtual absl::Status DeleteSnapshot(const VolumeKey& volume, const std::string& name) = 0;
  // FAILED_PRECONDITION (NESTED_VOLUME) if the volume holds another one: snapshots and streams
  // would leave that out.
  virtual absl::Status CheckNoNested(const VolumeKey& volume) = 0;
  // FAILED_PRECONDITION (WRITER_FOUND) if anything in the live volume changed after that snapshot.
  virtual absl::Status CheckUnchangedSince(const VolumeKey& volume, const std::string& name) = 0;
  // What was written to the pool is on the disk.
  virtual absl::Status Sync() = 0;

  // --- streams ---
  // The program that writes the stream of `name` to its stdout.
  virtual absl::StatusOr<std::vector<std::string>> SendCommand(
      const VolumeKey& volume, const std::string& name, const std::optional<std::string>& base) = 0;
  // A full stream takes the place of the volume and of all its snapshots, from BeginReceive on.
  virtual bool FullStreamReplaces() const = 0;
  // Makes the transfer's private place and answers the program that reads the stream from its
  // stdin. FAILED_PRECONDITION (BASE_MISSING) if the base is not here, (SNAPSHOTS_KEPT) if a full
  // stream would destroy snapshots that people have taken.
  virtual absl::StatusOr<std::vector<std::string>> BeginReceive(
      const IncomingSnapshot& incoming) = 0;
  // After that program ended with 0: proves that exactly the announced snapshot is there, syncs its
  // data and adds it to the volume, which Sync() makes durable: a crash before may undo the
  // transfer. DATA_LOSS if it is anything else; FAILED_PRECONDITION (WRONG_BASE) if it was built on
  // something else that passes for its base. The caller discards on error.
  virtual absl::StatusOr<StoredSnapshot> AcceptReceived(const IncomingSnapshot& incoming) = 0;
  // Deletes whatever a transfer left. OK if nothing.
  virtual absl::Status DiscardReceived(const IncomingSnapshot& incoming) = 0;
  // At start: deletes what transfers of an earlier run left.
  virtual absl::Status WipePartials() = 0;
  // The live volume becomes a writable copy of that snapshot, with this limit; an older live volume
  // is replaced, and on ZFS later snapshots go. Sync() makes it durable.
  virtual absl::Status MakeServing(const VolumeKey& volume, const std::string& snapshot,
                                   int64_t maximum_size_bytes) = 0;
  // RETIRED: no live volume is needed any more; its snapshots stay. OK if there is none.
  virtual absl::Status DropLive(const VolumeKey& volume) = 0;

  // --- mounts ---
  // Whether unmounting the volume does harm while somebody holds a copy of that mount.
  virtual bool HeldCopiesWedgeUnmount() const = 0;
  // OK if it is mounted there already.
  virtual absl::Status Mount(const VolumeKey& volume, const std::string& path) = 0;
  // Never lazily. FAILED_PRECONDITION (WRITER_FOUND) while anything uses it. OK if not mounted.
  virtual absl::Status Unmount(const VolumeKey& volume, const std::string& path) = 0;
  // Whether `mount` shows files of the live volume.
  virtual bool IsMountOf(const VolumeKey& volume, const MountEntry& mount) = 0;
};

// NOT_FOUND, in words for people.
absl::Status NoSuchSnapshot(const VolumeKey& volume, const std::string& name);

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_STORAGE_BACKEND_H_
