#include "services/volume/driver/volume_sizes.h"

#include <utility>

#include "services/common/log/log.h"

namespace drover::volume {
namespace {

// From the end of one walk to the next: a node with a huge tree is not always busy with it.
constexpr absl::Duration kMaxAge = absl::Seconds(30);

}  // namespace

int64_t VolumeSizes::LastKnown(const VolumeKey& volume) const {
  const auto known = sizes_.find(volume);
  return known == sizes_.end() ? 0 : known->second.bytes;
}

void VolumeSizes::Assume(const VolumeKey& volume, int64_t bytes) {
  sizes_[volume] = {.bytes = bytes};
}

void VolumeSizes::Forget(const ApplicationName& application) {
  std::erase_if(sizes_, [&](const auto& one) { return one.first.application == application; });
}

bool VolumeSizes::IsDue(const VolumeKey& volume) const {
  const auto known = sizes_.find(volume);
  return known == sizes_.end() || clock_.Now() - known->second.measured > kMaxAge;
}

void VolumeSizes::Refresh(std::vector<VolumeKey> volumes) {
  if (refreshing_ || background_.stopping()) return;
  std::erase_if(volumes, [this](const VolumeKey& volume) { return !IsDue(volume); });
  if (volumes.empty()) return;
  refreshing_ = true;
  background_.Spawn("measuring volumes", MeasureAll(std::move(volumes)));
}

Task<void> VolumeSizes::MeasureAll(std::vector<VolumeKey> volumes) {
  for (const VolumeKey& volume : volumes) {
    absl::StatusOr<int64_t> measured = co_await Measure(volume);
    if (!measured.ok() && !absl::IsCancelled(measured.status())) {
      LOG(WARNING) << "cannot measure a volume of " << volume.application << ": "
                   << measured.status();
    }
  }
  refreshing_ = false;
}

Task<absl::StatusOr<int64_t>> VolumeSizes::Measure(VolumeKey volume) {
  std::shared_ptr<Walk>& under_way = walks_[volume];
  if (std::shared_ptr<Walk> walk = under_way; walk != nullptr) {
    while (!walk->result.has_value()) co_await walk->ended.Wait(0);
    co_return *walk->result;
  }
  auto walk = std::make_shared<Walk>();
  under_way = walk;
  auto measure = [this, volume, stop = stop_.get_token()] {
    return backend_.UsedBytes(volume, stop);
  };
  walk->result = co_await RunBlocking(walkers_, std::move(measure));
  Size& size = sizes_[volume];
  size.measured = clock_.Now();
  if (walk->result->ok()) size.bytes = **walk->result;
  walks_.erase(volume);
  walk->ended.Notify();
  co_return *walk->result;
}

Task<void> VolumeSizes::Stop() {
  stop_.request_stop();
  co_await background_.Stop();
}

}  // namespace drover::volume
