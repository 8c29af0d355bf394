// The node's side of the gates' control sockets. services/container/gate/wire.h says what is
// spoken.
#ifndef DROVER_SERVICES_VOLUME_DRIVER_GATE_KEEPER_H_
#define DROVER_SERVICES_VOLUME_DRIVER_GATE_KEEPER_H_

#include <boost/asio/any_io_executor.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/async/blocking.h"
#include "services/common/ids/ids.h"
#include "services/volume/backend/host.h"

namespace drover::volume {

// A gate that has reported itself, and was proved to be a process of its container.
struct KnownGate {
  int pid = 0;
  ContainerId container_id;
  std::string cgroup;
};

// What a gate must find at a mount point before it goes on.
struct GateMount {
  FolderIdentity folder;
  std::string mountpoint;
};

// One socket per start, until its gate was released: a container that somebody restarts by hand
// finds nobody to ask. A gate that loses its connection before that (a restart of this daemon)
// connects again by itself. Used on one executor.
class GateKeeper {
 public:
  GateKeeper(boost::asio::any_io_executor executor, Host& host, BlockingPool& pool);
  ~GateKeeper();

  // Opens CONTROL_FOLDER/control.sock for that start. OK if it is open already.
  absl::Status Listen(const StartId& start, const std::string& control_folder);
  // Closes the socket: a gate that still waits stays shut for ever. OK if a release closed it.
  void Forget(const StartId& start);

  // Waits until the start's gate has reported itself from within that container.
  // FAILED_PRECONDITION (GATE_FAILED) with its words if it failed, (GATE_LOST) after `timeout`,
  // (CGROUP_HIDDEN) if the kernel does not show it to us where its end would be looked for.
  // Ends early if the coroutine is cancelled.
  Task<absl::StatusOr<KnownGate>> Await(StartId start, ContainerId container_id,
                                        absl::Duration timeout);

  // The gate that Await answered, if it is still waiting. FAILED_PRECONDITION (GATE_LOST).
  absl::StatusOr<KnownGate> Waiting(const StartId& start) const;

  // Sends the release, and answers when the application's program has been executed.
  // FAILED_PRECONDITION (GATE_FAILED) with the gate's words; UNAVAILABLE if it says nothing.
  Task<absl::Status> Release(StartId start, std::vector<GateMount> mounts);

 private:
  class Gate;

  std::shared_ptr<Gate> Find(const StartId& start) const;

  const boost::asio::any_io_executor executor_;
  Host& host_;
  BlockingPool& pool_;
  std::map<StartId, std::shared_ptr<Gate>> gates_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_DRIVER_GATE_KEEPER_H_
