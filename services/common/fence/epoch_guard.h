// Refuses calls of a coordinator that has been replaced.
#ifndef DROVER_SERVICES_COMMON_FENCE_EPOCH_GUARD_H_
#define DROVER_SERVICES_COMMON_FENCE_EPOCH_GUARD_H_

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "drover/common/v1/fence.pb.h"
#include "services/common/async/blocking.h"
#include "services/common/fence/epoch_rule.h"

namespace drover {

// The newest coordinator that this service has obeyed, and the highest sequence of a journal that
// it was told, kept in a file. Used on one thread.
class EpochGuard {
 public:
  // DATA_LOSS if the file is not one of ours.
  static absl::StatusOr<EpochGuard> Open(std::string path);
  EpochGuard(EpochGuard&&) noexcept;
  // Saves the sequence; blocks.
  ~EpochGuard();

  // From now on a higher sequence is saved within a second, on `pool`: a cut-over does not wait for
  // it. Without this, and if we crash before that, it is forgotten. Both outlive the guard.
  void SaveInBackground(boost::asio::any_io_executor executor, BlockingPool& pool);

  // OK for the newest coordinator; a newer one is made durable first, which blocks.
  // FAILED_PRECONDITION (STALE_EPOCH) for an older one and for a second one of the same epoch;
  // INVALID_ARGUMENT if the fence is missing.
  absl::Status Check(int64_t epoch, const std::string& nonce, int64_t sequence);
  absl::Status Check(const common::v1::Fence& fence);

  // Epoch 0 if there was none.
  common::v1::Fence Obeyed() const;

 private:
  struct State;
  explicit EpochGuard(std::shared_ptr<State> state);

  // Null once it was moved from. Shared with what is being saved.
  std::shared_ptr<State> state_;
};

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_FENCE_EPOCH_GUARD_H_
