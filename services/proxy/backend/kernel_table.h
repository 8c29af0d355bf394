// The kernel's routing table of this node, which is Drover's own and nobody else's.
#ifndef DROVER_SERVICES_PROXY_BACKEND_KERNEL_TABLE_H_
#define DROVER_SERVICES_PROXY_BACKEND_KERNEL_TABLE_H_

#include <set>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/proxy/domain/kernel_routes.h"

namespace drover::proxy {

// Routes and holds live in the kernel: they outlast the daemon, and holds end by themselves. Every
// change is atomic. Calls block and must not overlap. Errors: UNAVAILABLE (KERNEL) when the kernel
// refused; then nothing was changed. Reading, holding and releasing also answer NOT_FOUND
// (NO_TABLE) when there is no table: nothing made it since the boot, or somebody flushed the
// machine's rules.
class KernelTable {
 public:
  virtual ~KernelTable() = default;

  // Makes the table and brings its rules up to date with this version; what it holds stays.
  virtual absl::Status Ensure() = 0;
  // Removes the table with all that it holds. OK if there is none.
  virtual absl::Status Remove() = 0;

  // Looks at every element: tens of milliseconds for thousands of routes.
  virtual absl::StatusOr<KernelRoutes> ReadRoutes() = 0;
  // True if nobody else changed any of the machine's rules since ReadRoutes, so that what was read
  // then, with the changes made by this object since, still stands. Cheap.
  virtual bool IsUntouched() = 0;
  // UNAVAILABLE if it removes what is not held, or adds a port that is: read first, then apply the
  // difference.
  virtual absl::Status Apply(const KernelChange& change) = 0;

  // The ports held at this moment.
  virtual absl::StatusOr<std::set<int>> ReadHolds() = 0;
  // New connections to `ports` go to the relay, from now for `time_to_live`, which a repetition
  // renews. While the relay is dead their SYNs are dropped, never refused.
  virtual absl::Status Hold(const std::set<int>& ports, absl::Duration time_to_live) = 0;
  // Ends the holds of `ports`; one that is not held is no error.
  virtual absl::Status Release(const std::set<int>& ports) = 0;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_KERNEL_TABLE_H_
