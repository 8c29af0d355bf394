#include "services/proxy/backend/fake_kernel_table.h"

#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"

namespace drover::proxy {
namespace {

// The container without `remove` and with `add`; false if the kernel would refuse.
template <class Map>
bool ChangeMap(const Map& remove, const Map& add, Map& map) {
  for (const auto& [key, value] : remove) {
    if (map.erase(key) == 0) return false;
  }
  for (const auto& element : add) {
    if (!map.insert(element).second) return false;
  }
  return true;
}

bool ChangeSet(const std::set<int>& remove, const std::set<int>& add, std::set<int>& set) {
  for (int port : remove) {
    if (set.erase(port) == 0) return false;
  }
  set.insert(add.begin(), add.end());
  return true;
}

}  // namespace

absl::Status FakeKernelTable::CheckExists() const {
  if (exists_) return absl::OkStatus();
  return StatusWithReason(absl::StatusCode::kNotFound, "NO_TABLE", "there is no table");
}

absl::Status FakeKernelTable::Ensure() {
  exists_ = true;
  return absl::OkStatus();
}

absl::Status FakeKernelTable::Remove() {
  exists_ = false;
  routes_ = KernelRoutes();
  holds_.clear();
  return absl::OkStatus();
}

absl::StatusOr<KernelRoutes> FakeKernelTable::ReadRoutes() {
  ++read_;
  touched_ = false;
  DROVER_RETURN_IF_ERROR(CheckExists());
  return routes_;
}

absl::Status FakeKernelTable::Apply(const KernelChange& change) {
  DROVER_RETURN_IF_ERROR(CheckExists());
  DROVER_RETURN_IF_ERROR(apply_failure_);
  KernelRoutes changed = routes_;
  if (!ChangeMap(change.remove.targets, change.add.targets, changed.targets) ||
      !ChangeMap(change.remove.kinds, change.add.kinds, changed.kinds) ||
      !ChangeSet(change.remove.waiting, change.add.waiting, changed.waiting)) {
    return StatusWithReason(absl::StatusCode::kUnavailable, "KERNEL", "the batch was refused");
  }
  routes_ = changed;
  if (!change.empty()) ++applied_;
  return absl::OkStatus();
}

absl::StatusOr<std::set<int>> FakeKernelTable::ReadHolds() {
  DROVER_RETURN_IF_ERROR(CheckExists());
  std::set<int> held;
  for (const auto& [port, end] : holds_) {
    if (end > now_()) held.insert(port);
  }
  return held;
}

absl::Status FakeKernelTable::Hold(const std::set<int>& ports, absl::Duration time_to_live) {
  DROVER_RETURN_IF_ERROR(CheckExists());
  for (int port : ports) holds_[port] = now_() + time_to_live;
  return absl::OkStatus();
}

absl::Status FakeKernelTable::Release(const std::set<int>& ports) {
  DROVER_RETURN_IF_ERROR(CheckExists());
  for (int port : ports) holds_.erase(port);
  return absl::OkStatus();
}

}  // namespace drover::proxy
