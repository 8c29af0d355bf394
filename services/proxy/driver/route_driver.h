// Keeps the kernel's table of this node as the coordinator ordered it.
#ifndef DROVER_SERVICES_PROXY_DRIVER_ROUTE_DRIVER_H_
#define DROVER_SERVICES_PROXY_DRIVER_ROUTE_DRIVER_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/async/async_mutex.h"
#include "services/common/async/blocking.h"
#include "services/common/async/change_signal.h"
#include "services/common/async/task.h"
#include "services/common/fence/epoch_guard.h"
#include "services/common/time/clock.h"
#include "services/container/client/container_client.h"
#include "services/proxy/backend/connection_table.h"
#include "services/proxy/backend/forwarding.h"
#include "services/proxy/backend/kernel_table.h"
#include "services/proxy/backend/listener_table.h"
#include "services/proxy/backend/relay.h"
#include "services/proxy/backend/route_store.h"
#include "services/proxy/domain/hold.h"
#include "services/proxy/domain/kernel_routes.h"
#include "services/proxy/domain/resolve.h"
#include "services/proxy/domain/route_delta.h"
#include "services/proxy/domain/route_table.h"

namespace drover::proxy {

// Which coordinator asks.
struct Fence {
  int64_t epoch = 0;
  std::string nonce;
  int64_t sequence = 0;
};

// The table that was ordered last, the holds in force, and what waits.
struct RoutesAndHolds {
  RouteTable table;
  Holds holds;
  RelayCounters relay;
};

// Runs on the io thread; kernel and file are used on the pool, by one coroutine at a time.
//
// An order is made durable before the kernel sees it, so that a crash in between leads forward and
// never back to older routes. When the kernel refuses, the order stays and the next Reconcile (a
// repeated call, a change of a container, the keeper's round) tries again.
//
// What the kernel holds is remembered, so that an order needs to touch only what it changes. If the
// kernel refuses a change, somebody else has changed the table: then it is read.
class RouteDriver {
 public:
  // All outlive the driver.
  struct Deps {
    EpochGuard& guard;
    RouteStore& store;
    KernelTable& kernel;
    ConnectionTable& connections;
    Forwarding& forwarding;
    ListenerTable& listeners;
    Relay& relay;
    container::ContainerClient& containers;
    BlockingPool& pool;
    const Clock& clock;
  };

  explicit RouteDriver(Deps deps) : deps_(deps) {}

  // Call once, before all else: reads the durable order and brings the kernel to it. What the
  // kernel holds already is not touched. `held`: the ports that are held already, by the relay too;
  // they stay so until their routes or a hold come, or for a few seconds.
  Task<absl::Status> Recover(std::set<int> held = {});

  // Puts `table` in force, then ends what `release_holder` holds. FAILED_PRECONDITION (STALE_EPOCH,
  // STALE_REVISION), ALREADY_EXISTS (REVISION_REUSED), UNAVAILABLE (KERNEL).
  Task<absl::Status> ApplyRoutes(Fence fence, RouteTable table, std::string release_holder = "");
  // The same for a change of the table that is in force; its cost does not grow with the table.
  // Besides: FAILED_PRECONDITION (NOT_AT_BASE).
  Task<absl::Status> ChangeRoutes(Fence fence, RouteDelta delta, std::string release_holder = "");

  // INVALID_ARGUMENT, FAILED_PRECONDITION (STALE_EPOCH), UNAVAILABLE (KERNEL).
  Task<absl::Status> SetHold(Fence fence, std::string holder, std::vector<int> external_ports,
                             absl::Duration time_to_live);
  // OK if the holder holds nothing. FAILED_PRECONDITION (STALE_EPOCH), UNAVAILABLE (KERNEL).
  Task<absl::Status> ReleaseHold(Fence fence, std::string holder);
  // Call it every kRenewHoldsEvery. The kernel's holds are short, so that ports fall back to their
  // routes soon after this daemon died; this renews those that last, and ends the others.
  Task<absl::Status> RenewHolds();
  static constexpr absl::Duration kRenewHoldsEvery = absl::Seconds(1);

  Task<absl::StatusOr<RoutesAndHolds>> GetRoutes();
  RelayCounters relay_counters() const { return deps_.relay.counters(); }

  // Which of the ports cannot be routed, and who has each. INVALID_ARGUMENT for no port number.
  Task<absl::StatusOr<std::map<int, std::string>>> CheckPorts(std::vector<int> external_ports);

  // Remembers what the container service says now; FollowContainers acts on it.
  void SetContainers(std::vector<LocalContainer> containers);
  // Makes forwarding and the elements of local routes what they should be now.
  Task<absl::Status> FollowContainers();
  // The same for the whole table, which is looked at if others changed any rules. Must not overlap
  // with FollowContainers.
  Task<absl::Status> Reconcile();

  // Notified when ForgetConnections has something to do.
  ChangeSignal& connections_stale() { return connections_stale_; }
  // Forgets the connections to targets that are gone, unless an application is being cut over: this
  // looks at all connections of the machine, and can wait for two seconds. And the attempts to
  // connect that were not answered before their port was held: what an overloaded application
  // dropped is repeated after a second, and would still go to it, or be refused where it was. Call
  // it kAnswerTime after the notification, so that those on the way have been answered.
  Task<absl::Status> ForgetConnections();
  static constexpr absl::Duration kAnswerTime = absl::Milliseconds(50);

 private:
  // Asks the container service when it has not told us yet of a container of `routes`. If it does
  // not answer, the routes wait. Without mutex_: holds have to be renewed meanwhile.
  Task<void> LearnContainersOf(std::map<int, Route> routes);
  // For the holder of mutex_.
  Task<absl::Status> HoldInKernel(std::set<int> ports);
  // New connections to the ports go to their routes again, and those that wait go on; for the
  // holder of mutex_.
  Task<absl::Status> Release(std::set<int> ports);
  // What `holder`, if any, waited for is in force; and so is what an earlier process of this daemon
  // held the `changed` ports for, whose routes are new. For the holder of mutex_.
  Task<absl::Status> EndHolds(std::string holder, std::set<int> changed);
  // Makes the kernel's elements of `ports` what they should be; for the holder of mutex_.
  Task<absl::Status> UpdatePorts(std::set<int> ports);
  // The same for all, having looked at the kernel's table if it is not known what that holds.
  Task<absl::Status> UpdateAll();
  // Carries out a change of what the kernel holds; for the holder of mutex_.
  Task<absl::Status> ChangeKernel(KernelChange change);
  // Answers what `use` does; if there is no table any more, after making it anew. For the holder of
  // mutex_.
  Task<absl::Status> UseTable(std::function<absl::Status()> use);
  Task<absl::Status> EnableForwarding();
  Task<absl::Status> ForgetUnanswered(std::set<int> ports);
  Task<absl::Status> ForgetStale();
  bool IsTimeForStale() const;
  // Forgets those of `found` that are `still` what they were found for: finding takes a while, in
  // which orders are carried out, and then there are connections that the orders led to.
  Task<absl::Status> ForgetIf(std::vector<TrackedConnection> found,
                              std::function<bool(const TrackedConnection&)> still);

  const Deps deps_;
  // Serialises orders, and all use of the kernel and the file.
  const std::shared_ptr<AsyncMutex> mutex_ = std::make_shared<AsyncMutex>();
  RouteTable table_;
  // What the kernel holds; none when that has to be looked at.
  std::optional<KernelRoutes> held_;
  // Not durable: connections that wait end with this process.
  HoldTable holds_;
  // None until the container service has answered for the first time.
  std::optional<LocalContainers> containers_;
  std::vector<LocalContainer> last_containers_;
  // There is an engine, and it lets pass what is routed.
  bool engine_forwards_ = false;
  // Ports whose route is the same since before the daemon started.
  std::set<int> unchanged_;
  // When ports were held that had not been.
  absl::Time last_hold_ = absl::InfinitePast();
  // The first time that a target was removed since connections were forgotten last.
  std::optional<absl::Time> stale_since_;
  // Ports that were not held when connections were forgotten last.
  std::set<int> newly_held_;
  ChangeSignal connections_stale_;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_DRIVER_ROUTE_DRIVER_H_
