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

// What `read` answers, having made the table first if there is none.
template <class Read>
auto WithTable(KernelTable& kernel, Read read) -> decltype(read()) {
  auto result = read();
  if (ReasonOf(absl::Status(result.status())) != "NO_TABLE") return result;
  DROVER_RETURN_IF_ERROR(kernel.Ensure());
  return read();
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
  auto hold = [this, holder, time_to_live,
               ports = std::set<int>(external_ports.begin(), external_ports.end())] {
    return deps_.kernel.Hold(holder, ports, time_to_live);
  };
  co_return co_await RunBlocking(deps_.pool, hold);
}

Task<absl::Status> RouteDriver::ReleaseHold(Fence fence, std::string holder) {
  DROVER_CO_RETURN_IF_ERROR(deps_.guard.Check(fence.epoch, fence.nonce));
  AsyncMutex::Lock lock = co_await mutex_->Acquire();
  auto release = [this, holder]() -> absl::Status {
    auto read = [this] { return deps_.kernel.ReadHolds(); };
    DROVER_ASSIGN_OR_RETURN(Holds holds, WithTable(deps_.kernel, read));
    const std::set<int> ports = PortsHeldBy(holder, holds);
    return ports.empty() ? absl::OkStatus() : deps_.kernel.Release(ports);
  };
  co_return co_await RunBlocking(deps_.pool, release);
}

Task<absl::StatusOr<RoutesAndHolds>> RouteDriver::GetRoutes() {
  AsyncMutex::Lock lock = co_await mutex_->Acquire();
  auto read_holds = [this] {
    auto read = [this] { return deps_.kernel.ReadHolds(); };
    return WithTable(deps_.kernel, read);
  };
  DROVER_CO_ASSIGN_OR_RETURN(Holds holds, co_await RunBlocking(deps_.pool, read_holds));
  co_return RoutesAndHolds{table_, std::move(holds)};
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
