// Room for the records of a pool that is full: a file that is given up when a record cannot be
// written, so that a move can always be sealed, undone and aborted.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_BALLAST_H_
#define DROVER_SERVICES_VOLUME_BACKEND_BALLAST_H_

#include <functional>
#include <string>

#include "absl/status/status.h"

namespace drover::volume {

// Every call blocks. Safe from several threads: giving up the file twice does no harm.
class Ballast {
 public:
  // `sync` makes room that was freed usable.
  Ballast(std::string path, std::function<absl::Status()> sync);

  // Makes the file if it is not there and there is room for it; a pool that is too full goes on
  // without.
  void Refill();

  // Runs `write`; if the pool is full, gives up the ballast and runs it again. A later success
  // brings the ballast back.
  absl::Status Write(const std::function<absl::Status()>& write);

 private:
  const std::string path_;
  const std::function<absl::Status()> sync_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_BALLAST_H_
