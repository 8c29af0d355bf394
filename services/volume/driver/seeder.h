// Fills a new volume with what the image holds at its mountpoint.
#ifndef DROVER_SERVICES_VOLUME_DRIVER_SEEDER_H_
#define DROVER_SERVICES_VOLUME_DRIVER_SEEDER_H_

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/async/blocking.h"
#include "services/volume/backend/storage_backend.h"
#include "services/volume/driver/group_store.h"

namespace drover::volume {

// The next part of what the image holds; empty at its end; an error if it broke off.
using NextPart = std::function<Task<absl::StatusOr<std::string>>()>;

// Used on the io thread.
class Seeder {
 public:
  Seeder(boost::asio::any_io_executor executor, StorageBackend& backend, BlockingPool& pool,
         GroupStore& groups, std::string run_dir)
      : executor_(std::move(executor)),
        backend_(backend),
        pool_(pool),
        groups_(groups),
        run_dir_(std::move(run_dir)) {}

  // `next`: a tar stream whose entries are relative to the volume. What is in the volume is deleted
  // first. FAILED_PRECONDITION (ALREADY_SERVED) once a gate of the group was opened, or data came
  // from another node.
  Task<absl::Status> Seed(ApplicationName application, std::string volume_id, NextPart next);

  // What an earlier run was killed in. Before the port opens.
  Task<absl::Status> UnmountLeftover();

 private:
  Task<absl::Status> Fill(std::string folder, NextPart next);
  std::string FolderOf(const VolumeKey& volume) const;

  const boost::asio::any_io_executor executor_;
  StorageBackend& backend_;
  BlockingPool& pool_;
  GroupStore& groups_;
  const std::string run_dir_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_DRIVER_SEEDER_H_
