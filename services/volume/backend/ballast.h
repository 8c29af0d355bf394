// Room for the records of a pool that is full: something that is given up when a record cannot be
// written, so that a move can always be sealed, undone and aborted.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_BALLAST_H_
#define DROVER_SERVICES_VOLUME_BACKEND_BALLAST_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"

namespace drover::volume {

// Thousands of records; a pool that copies on write needs several blocks for each.
inline constexpr int64_t kBallastBytes = 16 << 20;
// Making the ballast must not itself be what fills the pool.
inline constexpr int64_t kRoomForBallast = 4 * kBallastBytes;

// Every call blocks. Safe from several threads: giving it up twice does no harm.
class Ballast {
 public:
  virtual ~Ballast() = default;

  // Makes it if it is not there and there is room for it; a pool that is too full goes on without.
  virtual void Refill() = 0;

  // Runs `write`; if the pool is full, gives up the ballast and runs it again. A later success
  // brings the ballast back.
  absl::Status Write(const std::function<absl::Status()>& write);

 private:
  // The room is usable when it returns.
  virtual absl::Status GiveUp() = 0;
};

// A file in the pool.
class FileBallast : public Ballast {
 public:
  // `sync` makes room that was freed usable.
  FileBallast(std::string path, std::function<absl::Status()> sync);
  void Refill() override;

 private:
  absl::Status GiveUp() override;

  const std::string path_;
  const std::function<absl::Status()> sync_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_BALLAST_H_
