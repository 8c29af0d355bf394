// The witness on the disk, outside the pool.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_WITNESS_FILE_H_
#define DROVER_SERVICES_VOLUME_BACKEND_WITNESS_FILE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/volume/domain/witness.h"

namespace drover::volume {

// One line of JSON. Calls block.
class WitnessFile {
 public:
  explicit WitnessFile(std::string path) : path_(std::move(path)) {}

  // Nothing if there is none yet. DATA_LOSS if it is not one of ours.
  absl::StatusOr<std::optional<Witness>> Read() const;
  // Durable when it answers OK.
  absl::Status Write(const Witness& witness) const;

 private:
  const std::string path_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_WITNESS_FILE_H_
