// Notices that a stream does not go on: a peer that hangs, a dead network, a program that is stuck.
#ifndef DROVER_SERVICES_VOLUME_DRIVER_STALL_WATCH_H_
#define DROVER_SERVICES_VOLUME_DRIVER_STALL_WATCH_H_

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "absl/time/time.h"

namespace drover::volume {

// For the sender; far longer than a disk or a network that works keeps a stream waiting. A receiver
// is half as patient again, so that the sender, which knows more, is the one to say what happened.
inline constexpr absl::Duration kStallLimit = absl::Seconds(60);

// Calls `on_stall` once, on the executor, unless Progress is called at least every `limit`. Not
// after its destruction. Used on that executor.
class StallWatch {
 public:
  StallWatch(boost::asio::any_io_executor executor, absl::Duration limit,
             std::function<void()> on_stall);
  ~StallWatch();
  StallWatch(const StallWatch&) = delete;
  StallWatch& operator=(const StallWatch&) = delete;

  void Progress();
  // What comes now may take that long.
  void Allow(absl::Duration limit);
  bool stalled() const;

 private:
  struct State;
  static void Arm(const std::shared_ptr<State>& state);

  const std::shared_ptr<State> state_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_DRIVER_STALL_WATCH_H_
