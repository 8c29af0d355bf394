#include "services/proxy/driver/route_driver.h"

#include <algorithm>
#include <iterator>
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
constexpr size_t kForgottenAtOnce = 256;
// Longer than most cut-overs.
constexpr absl::Duration kCutover = absl::Seconds(5);
// How long connections to targets that are gone wait for a moment in which no application is cut
// over: for all of it, where one follows another.
constexpr absl::Duration kLongestStale = absl::Seconds(2);

// Blocks. Makes the table first if there is none.
absl::StatusOr<KernelRoutes> Read(KernelTable& kernel) {
  absl::StatusOr<KernelRoutes> routes = kernel.ReadRoutes();
  if (ReasonOf(routes.status()) != "NO_TABLE") return routes;
  DROVER_RETURN_IF_ERROR(kernel.Ensure());
  return kernel.ReadRoutes();
}

// With another route in `after`, or none any more.
std::set<int> ChangedPorts(const RouteTable& before, const RouteTable& after) {
  std::set<int> changed;
  for (const auto& [port, route] : after.routes()) {
    const Route* old_route = before.Find(port);
    if (old_route == nullptr || !(*old_route == route)) changed.insert(port);
  }
  for (const auto& [port, route] : before.routes()) {
    if (after.Find(port) == nullptr) changed.insert(port);
  }
  return changed;
}

}  // namespace

Task<absl::Status> RouteDriver::Recover(std::set<int> held) {
  AsyncMutex::Lock lock = co_await mutex_->Acquire();
  auto load = [this] { return deps_.store.Load(); };
  DROVER_CO_ASSIGN_OR_RETURN(table_, co_await RunBlocking(deps_.pool, load));
  for (const auto& [port, route] : table_.routes()) unchanged_.insert(port);
  auto ensure = [this]() -> absl::Status {
    DROVER_RETURN_IF_ERROR(deps_.kernel.Ensure());
    return deps_.forwarding.Enable().status();
  };
  DROVER_CO_RETURN_IF_ERROR(co_await RunBlocking(deps_.pool, ensure));
  // The routes that we know are those from before the cut-over: whom the kernel sends to the relay
  // would be carried to where the application was.
  holds_.Adopt(held, deps_.clock.Now() + kKernelHold);
  DROVER_CO_RETURN_IF_ERROR(co_await UpdateAll());
  // A crash may have come between a change of the table and this.
  stale_since_ = deps_.clock.Now();
  connections_stale_.Notify();
  co_return absl::OkStatus();
}

Task<absl::Status> RouteDriver::ApplyRoutes(Fence fence, RouteTable table,
                                            std::string release_holder) {
  DROVER_CO_RETURN_IF_ERROR(deps_.guard.Check(fence.epoch, fence.nonce, fence.sequence));
  co_await LearnContainersOf(table.routes());
  AsyncMutex::Lock lock = co_await mutex_->Acquire();
  DROVER_CO_RETURN_IF_ERROR(CheckSuccession(table_, table));
  std::set<int> changed;
  if (table != table_) {
    changed = ChangedPorts(table_, table);
    auto save = [this, table] { return deps_.store.Save(table); };
    DROVER_CO_RETURN_IF_ERROR(co_await RunBlocking(deps_.pool, std::move(save)));
    for (int port : changed) unchanged_.erase(port);
    table_ = std::move(table);
  }
  DROVER_CO_RETURN_IF_ERROR(co_await UpdateAll());
  co_return co_await EndHolds(std::move(release_holder), std::move(changed));
}

Task<absl::Status> RouteDriver::ChangeRoutes(Fence fence, RouteDelta delta,
                                             std::string release_holder) {
  DROVER_CO_RETURN_IF_ERROR(deps_.guard.Check(fence.epoch, fence.nonce, fence.sequence));
  co_await LearnContainersOf(delta.set());
  AsyncMutex::Lock lock = co_await mutex_->Acquire();
  DROVER_CO_RETURN_IF_ERROR(CheckSuccession(table_, delta));
  const std::set<int> ports = delta.Ports();
  if (delta.revision() != table_.revision()) {
    auto extend = [this, delta] { return deps_.store.Extend(table_, delta); };
    DROVER_CO_RETURN_IF_ERROR(co_await RunBlocking(deps_.pool, std::move(extend)));
    table_.Apply(delta);
    for (int port : ports) unchanged_.erase(port);
  }
  DROVER_CO_RETURN_IF_ERROR(co_await UpdatePorts(ports));
  co_return co_await EndHolds(release_holder, ports);
}

Task<absl::Status> RouteDriver::SetHold(Fence fence, std::string holder,
                                        std::vector<int> external_ports,
                                        absl::Duration time_to_live) {
  DROVER_CO_RETURN_IF_ERROR(deps_.guard.Check(fence.epoch, fence.nonce, fence.sequence));
  DROVER_CO_RETURN_IF_ERROR(ValidateHold(holder, external_ports, time_to_live));
  AsyncMutex::Lock lock = co_await mutex_->Acquire();
  std::set<int> ports(external_ports.begin(), external_ports.end());
  const std::set<int> held_before = holds_.Ports();
  holds_.Set(holder, ports, deps_.clock.Now() + time_to_live);
  // First, so that it knows what to do with the connections that the kernel sends it.
  deps_.relay.Hold(ports);
  DROVER_CO_RETURN_IF_ERROR(co_await HoldInKernel(ports));
  std::erase_if(ports, [&](int port) { return held_before.contains(port); });
  if (ports.empty()) co_return absl::OkStatus();
  newly_held_.merge(ports);
  last_hold_ = deps_.clock.Now();
  connections_stale_.Notify();
  co_return absl::OkStatus();
}

Task<absl::Status> RouteDriver::ReleaseHold(Fence fence, std::string holder) {
  DROVER_CO_RETURN_IF_ERROR(deps_.guard.Check(fence.epoch, fence.nonce, fence.sequence));
  AsyncMutex::Lock lock = co_await mutex_->Acquire();
  co_return co_await Release(holds_.Release(holder));
}

Task<absl::Status> RouteDriver::RenewHolds() {
  AsyncMutex::Lock lock = co_await mutex_->Acquire();
  DROVER_CO_RETURN_IF_ERROR(co_await Release(holds_.Expire(deps_.clock.Now())));
  if (IsTimeForStale()) connections_stale_.Notify();
  std::set<int> ports = holds_.PortsToRenew();
  if (ports.empty()) co_return absl::OkStatus();
  co_return co_await HoldInKernel(std::move(ports));
}

Task<absl::Status> RouteDriver::HoldInKernel(std::set<int> ports) {
  auto hold = [this, ports = std::move(ports)] { return deps_.kernel.Hold(ports, kKernelHold); };
  co_return co_await UseTable(std::move(hold));
}

Task<absl::Status> RouteDriver::EndHolds(std::string holder, std::set<int> changed) {
  std::set<int> ports = holds_.Release(holder);
  ports.merge(holds_.ReleaseAdopted(changed));
  co_return co_await Release(std::move(ports));
}

Task<absl::Status> RouteDriver::Release(std::set<int> ports) {
  if (ports.empty()) co_return absl::OkStatus();
  // Those that wait for a container of this node need not wait for the kernel, too: what it still
  // sends to the relay goes on at once. Of the others another node may think that they belong here,
  // and what it sends back must not come to the relay again.
  std::set<int> local;
  for (int port : ports) {
    const Route* route = table_.Find(port);
    const bool is_local = route != nullptr && std::holds_alternative<LocalTarget>(route->target);
    if (is_local) local.insert(port);
  }
  deps_.relay.Release(local);
  // What waited for the end of this hold.
  if (stale_since_.has_value()) connections_stale_.Notify();
  auto release = [this, ports] { return deps_.kernel.Release(ports); };
  const absl::Status released = co_await UseTable(std::move(release));
  // Whatever the kernel has answered.
  std::erase_if(ports, [&](int port) { return local.contains(port); });
  deps_.relay.Release(ports);
  co_return released;
}

Task<absl::StatusOr<RoutesAndHolds>> RouteDriver::GetRoutes() {
  AsyncMutex::Lock lock = co_await mutex_->Acquire();
  RoutesAndHolds all;
  all.table = table_;
  all.holds = holds_.Holders();
  all.relay = deps_.relay.counters();
  co_return all;
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

void RouteDriver::SetContainers(std::vector<LocalContainer> containers) {
  last_containers_ = WithWhatWasKnown(std::move(containers), last_containers_);
  containers_ = LocalContainers(last_containers_);
  deps_.relay.SetOwnPorts(OwnPortsOf(last_containers_));
}

Task<absl::Status> RouteDriver::EnableForwarding() {
  auto enable = [this] { return deps_.forwarding.Enable(); };
  DROVER_CO_ASSIGN_OR_RETURN(engine_forwards_, co_await RunBlocking(deps_.pool, std::move(enable)));
  co_return absl::OkStatus();
}

Task<absl::Status> RouteDriver::FollowContainers() {
  // Without the mutex: it may wait for the engine, which locks the machine's rules for itself, and
  // no order may wait for that. Once is enough until Reconcile looks again: the programs that it
  // runs would take their time from the cut-over whose container this is.
  absl::Status enabled;
  if (!engine_forwards_) enabled = co_await EnableForwarding();
  AsyncMutex::Lock lock = co_await mutex_->Acquire();
  DROVER_CO_RETURN_IF_ERROR(co_await UpdatePorts(LocalPorts(table_)));
  co_return enabled;
}

Task<absl::Status> RouteDriver::Reconcile() {
  // The programs that it runs would take their time from an application that is cut over.
  const bool cuts_over = deps_.clock.Now() - last_hold_ < kCutover;
  absl::Status enabled;
  if (!cuts_over) enabled = co_await EnableForwarding();
  AsyncMutex::Lock lock = co_await mutex_->Acquire();
  // While ports are held an application is cut over, and its orders must not wait behind a look at
  // thousands of elements, which can come later.
  if (holds_.Ports().empty()) {
    auto look = [this] { return deps_.kernel.IsUntouched(); };
    const bool untouched = co_await RunBlocking(deps_.pool, std::move(look));
    if (!untouched) held_.reset();
  }
  DROVER_CO_RETURN_IF_ERROR(co_await UpdateAll());
  if (stale_since_.has_value() || !newly_held_.empty()) connections_stale_.Notify();
  co_return enabled;
}

Task<absl::Status> RouteDriver::ForgetConnections() {
  std::set<int> newly_held = std::exchange(newly_held_, {});
  const absl::Status unanswered = co_await ForgetUnanswered(newly_held);
  // The next round of the keeper tries again.
  if (!unanswered.ok()) newly_held_.merge(newly_held);
  DROVER_CO_RETURN_IF_ERROR(unanswered);
  // Without knowing what the kernel leads to, nothing can be told to lead elsewhere.
  if (!held_.has_value() || !IsTimeForStale()) co_return absl::OkStatus();
  const absl::Time since = *std::exchange(stale_since_, std::nullopt);
  const absl::Status forgotten = co_await ForgetStale();
  if (!forgotten.ok()) stale_since_ = since;
  co_return forgotten;
}

bool RouteDriver::IsTimeForStale() const {
  if (!stale_since_.has_value()) return false;
  const absl::Time now = deps_.clock.Now();
  const bool cuts_over = !holds_.Ports().empty() && now - last_hold_ < kCutover;
  return !cuts_over || now - *stale_since_ >= kLongestStale;
}

Task<absl::Status> RouteDriver::ForgetUnanswered(std::set<int> ports) {
  if (ports.empty()) co_return absl::OkStatus();
  auto find = [this, ports] { return deps_.connections.FindUnanswered(ports); };
  DROVER_CO_ASSIGN_OR_RETURN(std::vector<TrackedConnection> found,
                             co_await RunBlocking(deps_.pool, std::move(find)));
  // Once a port is released, an attempt that is not answered yet is on its way to the right place.
  std::function<bool(const TrackedConnection&)> still = [this](const TrackedConnection& one) {
    return holds_.Ports().contains(one.external_port);
  };
  co_return co_await ForgetIf(std::move(found), std::move(still));
}

Task<absl::Status> RouteDriver::ForgetStale() {
  auto find = [this, targets = held_->targets] { return deps_.connections.FindElsewhere(targets); };
  DROVER_CO_ASSIGN_OR_RETURN(std::vector<TrackedConnection> found,
                             co_await RunBlocking(deps_.pool, std::move(find)));
  // The port may have got another target since, to which clients have connected that waited for it.
  std::function<bool(const TrackedConnection&)> still = [this](const TrackedConnection& one) {
    return held_.has_value() && LeadsElsewhere(one, held_->targets);
  };
  DROVER_CO_RETURN_IF_ERROR(co_await ForgetIf(std::move(found), std::move(still)));
  if (held_.has_value()) co_return absl::OkStatus();
  co_return absl::UnavailableError("what the kernel leads to became unknown meanwhile");
}

Task<absl::Status> RouteDriver::ForgetIf(std::vector<TrackedConnection> found,
                                         std::function<bool(const TrackedConnection&)> still) {
  for (size_t begin = 0; begin < found.size(); begin += kForgottenAtOnce) {
    // No order changes what is true now while they are forgotten, nor waits long for it.
    AsyncMutex::Lock lock = co_await mutex_->Acquire();
    std::vector<TrackedConnection> some;
    const size_t end = std::min(begin + kForgottenAtOnce, found.size());
    std::copy_if(found.begin() + begin, found.begin() + end, std::back_inserter(some), still);
    auto forget = [this, some] { return deps_.connections.Forget(some); };
    DROVER_CO_RETURN_IF_ERROR(co_await RunBlocking(deps_.pool, std::move(forget)));
  }
  co_return absl::OkStatus();
}

Task<void> RouteDriver::LearnContainersOf(std::map<int, Route> routes) {
  if (!IsUnresolved(routes, containers_)) co_return;
  container::v1::ListContainersRequest request;
  auto answer = co_await deps_.containers.ListContainers(request, kContainersTimeout);
  if (answer.ok()) SetContainers(LocalContainersOf(answer->containers()));
}

Task<absl::Status> RouteDriver::UpdatePorts(std::set<int> ports) {
  if (held_.has_value()) {
    const KernelRoutes held = Only(ports, *held_);
    const KernelRoutes wanted = Resolve(table_, ports, containers_, held, unchanged_);
    const absl::Status changed = co_await ChangeKernel(Difference(held, wanted));
    if (changed.ok()) co_return absl::OkStatus();
  }
  co_return co_await UpdateAll();
}

Task<absl::Status> RouteDriver::UpdateAll() {
  absl::Status status;
  do {
    // If the kernel refuses a change of what was remembered, one of what was read is tried.
    const bool remembered = held_.has_value();
    if (!remembered) {
      auto read = [this] { return Read(deps_.kernel); };
      DROVER_CO_ASSIGN_OR_RETURN(held_, co_await RunBlocking(deps_.pool, std::move(read)));
    }
    // Thousands of routes are worth a thread of the pool. The containers may change meanwhile; all
    // else is the holder's of mutex_.
    auto compare = [this, containers = containers_] {
      return Difference(*held_, Resolve(table_, containers, *held_, unchanged_));
    };
    KernelChange change = co_await RunBlocking(deps_.pool, std::move(compare));
    status = co_await ChangeKernel(std::move(change));
    if (!remembered) break;
  } while (!status.ok());
  co_return status;
}

Task<absl::Status> RouteDriver::UseTable(std::function<absl::Status()> use) {
  const absl::Status used = co_await RunBlocking(deps_.pool, use);
  if (ReasonOf(used) != "NO_TABLE") co_return used;
  held_.reset();
  DROVER_CO_RETURN_IF_ERROR(co_await UpdateAll());
  co_return co_await RunBlocking(deps_.pool, std::move(use));
}

Task<absl::Status> RouteDriver::ChangeKernel(KernelChange change) {
  if (change.empty()) co_return absl::OkStatus();
  auto apply = [this, change] { return deps_.kernel.Apply(change); };
  const absl::Status applied = co_await RunBlocking(deps_.pool, std::move(apply));
  if (!applied.ok()) {
    held_.reset();
    co_return applied;
  }
  Apply(change, *held_);
  if (!change.remove.targets.empty()) {
    if (!stale_since_.has_value()) stale_since_ = deps_.clock.Now();
    connections_stale_.Notify();
  }
  co_return absl::OkStatus();
}

}  // namespace drover::proxy
