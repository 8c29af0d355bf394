// How much the volumes hold, without letting anybody wait for it who does not have to.
#ifndef DROVER_SERVICES_VOLUME_DRIVER_VOLUME_SIZES_H_
#define DROVER_SERVICES_VOLUME_DRIVER_VOLUME_SIZES_H_

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/async/background_tasks.h"
#include "services/common/async/blocking.h"
#include "services/common/async/change_signal.h"
#include "services/common/time/clock.h"
#include "services/volume/backend/storage_backend.h"

namespace drover::volume {

// Measuring a volume may mean to walk millions of files: minutes, on a btrfs pool. So whoever only
// shows a size gets the last one, which is measured again in the background; only the admission of
// a move waits. Used on the io thread; the walks run on threads of their own, where they keep no
// move from its blocking work.
class VolumeSizes {
 public:
  VolumeSizes(boost::asio::any_io_executor executor, StorageBackend& backend, const Clock& clock)
      : backend_(backend), clock_(clock), background_(std::move(executor)) {}

  // As measured or assumed last; 0 before that. Never waits.
  int64_t LastKnown(const VolumeKey& volume) const;

  // Measures those of `volumes` in the background, one after the other, whose last measurement
  // ended too long ago. Does nothing while an earlier such round is under way.
  void Refresh(std::vector<VolumeKey> volumes);

  // Walks now; joins a walk of that volume that is under way.
  Task<absl::StatusOr<int64_t>> Measure(VolumeKey volume);

  // What another node says of its copy holds here until it is measured.
  void Assume(const VolumeKey& volume, int64_t bytes);
  void Forget(const ApplicationName& application);

  // At shutdown: ends the walks.
  Task<void> Stop();

 private:
  struct Size {
    int64_t bytes = 0;
    // When its measurement ended, well or not.
    absl::Time measured = absl::InfinitePast();
  };
  struct Walk {
    std::optional<absl::StatusOr<int64_t>> result;
    ChangeSignal ended;
  };

  Task<void> MeasureAll(std::vector<VolumeKey> volumes);
  bool IsDue(const VolumeKey& volume) const;

  StorageBackend& backend_;
  const Clock& clock_;
  std::map<VolumeKey, Size> sizes_;
  std::map<VolumeKey, std::shared_ptr<Walk>> walks_;
  bool refreshing_ = false;
  std::stop_source stop_;
  // One for the background, one for admissions.
  BlockingPool walkers_{2};
  BackgroundTasks background_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_DRIVER_VOLUME_SIZES_H_
