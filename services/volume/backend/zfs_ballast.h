// The ballast of a ZFS pool.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_ZFS_BALLAST_H_
#define DROVER_SERVICES_VOLUME_BACKEND_ZFS_BALLAST_H_

#include <atomic>
#include <string>

#include "services/volume/backend/ballast.h"

namespace drover::volume {

// An empty dataset for which room is reserved. In a full pool no property can be set, but a
// reservation can be given up.
class ZfsBallast : public Ballast {
 public:
  explicit ZfsBallast(std::string dataset) : dataset_(std::move(dataset)) {}
  void Refill() override;

 private:
  absl::Status GiveUp() override;

  const std::string dataset_;
  // As far as this run of the daemon knows: asking takes a child process.
  std::atomic<bool> held_ = false;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_ZFS_BALLAST_H_
