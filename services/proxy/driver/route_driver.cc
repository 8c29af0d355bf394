#include "services/proxy/driver/route_driver.h"

#include <utility>

#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/proxy/domain/kernel_routes.h"
#include "services/proxy/domain/port.h"
#include "services/proxy/driver/local_containers.h"

namespace drover::proxy {
namespace {

constexpr absl::Duration kContainersTimeout = absl::Seconds(2);
// Outlives a renewal that comes late on a busy machine.
constexpr absl::Duration kKernelHold = absl::Seconds(3);

// What `read` answers, having made the table first if there is none.
template <class Read>
auto WithTable(KernelTable& kernel, Read read) -> decltype(read()) {
  auto result = read();
  if (ReasonOf(absl::Status(result.status())) != "NO_TABLE") return result;
  DROVER_RETURN_IF_ERROR(kernel.Ensure());
  return read();
}

absl::Status HaveTable(KernelTable& kernel) {
  auto read = [&] { return kernel.ReadHolds(); };
  return WithTable(kernel, read).status();
}

// Blocks. Forgets connections only when a target is gone: that looks at all of them.
absl::Status Synchronise(KernelTable& kernel, ConnectionTable& connections, const RouteTable& table,
                         const std::optional<std::vector<LocalContainer>>& containers,
                         const std::set<int>& unchanged) {
  auto read = [&] { return kernel.ReadRoutes(); };
  DROVER_ASSIGN_OR_RETURN(KernelRoutes held, WithTable(kernel, read));
  const KernelRoutes wanted = Resolve(table, containers, held, unchanged);
  const KernelChange change = Difference(held, wanted);
  if (change.empty()) return absl::OkStatus();
  DROVER_RETURN_IF_ERROR(kernel.Apply(change));
  if (change.remove.targets.empty()) return absl::OkStatus();
  return connections.Forget(wanted.targets).status();
}

std::set<int> UnchangedPorts(const RouteTable& before, const RouteTable& after,
                             const std::set<int>& unchanged) {
  std::set<int> still;
  for (int port : unchanged) {
    const Route* old_route = before.Find(port);
    const Route* new_route = after.Find(port);
    if (old_route != nullptr && new_route != nullptr && *old_route == *new_route) {
      still.insert(port);
    }
  }
  return still;
}

}  // namespace

Task<absl::Status> RouteDriver::Recover() {
  AsyncMutex::Lock lock = co_await mutex_->Acquire();
  auto load = [this] { return deps_.store.Load(); };
  DROVER_CO_ASSIGN_OR_RETURN(table_, co_await RunBlocking(deps_.pool, load));
  for (const auto& [port, route] : table_.routes()) unchanged_.insert(port);
  auto ensure = [this]() -> absl::Status {
    DROVER_RETURN_IF_ERROR(deps_.kernel.Ensure());
    return deps_.forwarding.Enable();
  };
  DROVER_CO_RETURN_IF_ERROR(co_await RunBlocking(deps_.pool, ensure));
  DROVER_CO_RETURN_IF_ERROR(co_await UpdateKernel());
  // A crash may have come between a change of the table and this.
  auto forget = [this]() -> absl::Status {
    DROVER_ASSIGN_OR_RETURN(KernelRoutes held, deps_.kernel.ReadRoutes());
    return deps_.connections.Forget(held.targets).status();
  };
  co_return co_await RunBlocking(deps_.pool, forget);
}

Task<absl::Status> RouteDriver::ApplyRoutes(Fence fence, RouteTable table) {
  DROVER_CO_RETURN_IF_ERROR(deps_.guard.Check(fence.epoch, fence.nonce));
  AsyncMutex::Lock lock = co_await mutex_->Acquire();
  DROVER_CO_RETURN_IF_ERROR(CheckSuccession(table_, table));
  co_await LearnContainersOf(table);
  if (table != table_) {
    auto save = [this, table] { return deps_.store.Save(table); };
    DROVER_CO_RETURN_IF_ERROR(co_await RunBlocking(deps_.pool, save));
    unchanged_ = UnchangedPorts(table_, table, unchanged_);
    table_ = std::move(table);
  }
  co_return co_await UpdateKernel();
}

Task<absl::Status> RouteDriver::SetHold(Fence fence, std::string holder,
                                        std::vector<int> external_ports,
                                        absl::Duration time_to_live) {
  DROVER_CO_RETURN_IF_ERROR(deps_.guard.Check(fence.epoch, fence.nonce));
  DROVER_CO_RETURN_IF_ERROR(ValidateHold(holder, external_ports, time_to_live));
  AsyncMutex::Lock lock = co_await mutex_->Acquire();
  std::set<int> ports(external_ports.begin(), external_ports.end());
  holds_.Set(holder, ports, deps_.clock.Now() + time_to_live);
  // First, so that it knows what to do with the connections that the kernel sends it.
  deps_.relay.Hold(ports);
  co_return co_await HoldInKernel(std::move(ports));
}

Task<absl::Status> RouteDriver::ReleaseHold(Fence fence, std::string holder) {
  DROVER_CO_RETURN_IF_ERROR(deps_.guard.Check(fence.epoch, fence.nonce));
  AsyncMutex::Lock lock = co_await mutex_->Acquire();
  co_return co_await Release(holds_.Release(holder));
}

Task<absl::Status> RouteDriver::RenewHolds() {
  AsyncMutex::Lock lock = co_await mutex_->Acquire();
  DROVER_CO_RETURN_IF_ERROR(co_await Release(holds_.Expire(deps_.clock.Now())));
  std::set<int> ports = holds_.Ports();
  if (ports.empty()) co_return absl::OkStatus();
  co_return co_await HoldInKernel(std::move(ports));
}

Task<absl::Status> RouteDriver::HoldInKernel(std::set<int> ports) {
  auto hold = [this, ports = std::move(ports)]() -> absl::Status {
    DROVER_RETURN_IF_ERROR(HaveTable(deps_.kernel));
    return deps_.kernel.Hold(ports, kKernelHold);
  };
  co_return co_await RunBlocking(deps_.pool, std::move(hold));
}

Task<absl::Status> RouteDriver::Release(std::set<int> ports) {
  if (ports.empty()) co_return absl::OkStatus();
  auto release = [this, ports]() -> absl::Status {
    DROVER_RETURN_IF_ERROR(HaveTable(deps_.kernel));
    return deps_.kernel.Release(ports);
  };
  const absl::Status released = co_await RunBlocking(deps_.pool, std::move(release));
  // Even if the kernel refused: what it still sends there until its hold runs out goes on, too.
  deps_.relay.Release(ports);
  co_return released;
}

Task<absl::StatusOr<RoutesAndHolds>> RouteDriver::GetRoutes() {
  AsyncMutex::Lock lock = co_await mutex_->Acquire();
  co_return RoutesAndHolds{table_, holds_.Holders()};
}

Task<absl::StatusOr<std::map<int, std::string>>> RouteDriver::CheckPorts(
    std::vector<int> external_ports) {
  std::map<int, std::string> conflicts;
  std::set<int> ports;
  for (int port : external_ports) {
    DROVER_CO_RETURN_IF_ERROR(ValidatePort(port, "external port"));
    if (IsDroverPort(port)) {
      conflicts[port] = "Drover itself";
    } else {
      ports.insert(port);
    }
  }
  auto find = [this, ports] { return deps_.listeners.Find(ports); };
  DROVER_CO_ASSIGN_OR_RETURN(auto found, co_await RunBlocking(deps_.pool, find));
  conflicts.merge(found);
  co_return conflicts;
}

Task<absl::Status> RouteDriver::Reconcile() {
  AsyncMutex::Lock lock = co_await mutex_->Acquire();
  auto enable = [this] { return deps_.forwarding.Enable(); };
  const absl::Status enabled = co_await RunBlocking(deps_.pool, enable);
  DROVER_CO_RETURN_IF_ERROR(co_await UpdateKernel());
  co_return enabled;
}

Task<void> RouteDriver::LearnContainersOf(RouteTable table) {
  if (Unresolved(table, containers_).empty()) co_return;
  container::v1::ListContainersRequest request;
  auto answer = co_await deps_.containers.ListContainers(request, kContainersTimeout);
  if (answer.ok()) SetContainers(LocalContainersOf(answer->containers()));
}

Task<absl::Status> RouteDriver::UpdateKernel() {
  auto update = [this, table = table_, containers = containers_, unchanged = unchanged_] {
    return Synchronise(deps_.kernel, deps_.connections, table, containers, unchanged);
  };
  co_return co_await RunBlocking(deps_.pool, std::move(update));
}

}  // namespace drover::proxy
