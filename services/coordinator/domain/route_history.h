// The cluster's routes, and what each of the last revisions changed.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_ROUTE_HISTORY_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_ROUTE_HISTORY_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "services/common/ids/ids.h"
#include "services/coordinator/domain/records.h"
#include "services/coordinator/domain/routes.h"

namespace drover::coordinator {

// Follows the applications' records from revision to revision, so that a node that has one of the
// last tables is told the difference only. An update looks at each application but does work only
// for those that changed.
class RouteHistory {
 public:
  // How many revisions are remembered, at least one.
  explicit RouteHistory(size_t remembered = 1000) : remembered_(remembered) {}

  // Takes over what `applications` say now as `revision`; does nothing if that is not higher than
  // the last.
  void Update(int64_t revision, const std::map<ApplicationName, ApplicationRecord>& applications);

  // 0 before the first update.
  int64_t revision() const { return revision_; }
  // As RouteTable() of the applications at that revision, by external port.
  const std::map<int, RouteEntry>& table() const { return table_; }

  // The external ports whose entry is not that of revision `base`; none if that is not remembered.
  std::optional<std::set<int>> ChangedSince(int64_t base) const;

 private:
  // What of an application's record its routes come from.
  struct Source {
    std::vector<PortMapping> ports;
    std::optional<RouteTarget> route;
  };

  // Replaces what an application claims (nothing if `now` is null); `touched` gets its ports.
  void Claim(const ApplicationName& name, const ApplicationRecord* now, std::set<int>& touched);

  const size_t remembered_;
  int64_t revision_ = 0;
  std::map<ApplicationName, Source> sources_;
  // By external port; of those who claim it the first by name has it.
  std::map<int, std::map<ApplicationName, RouteEntry>> claims_;
  std::map<int, RouteEntry> table_;
  // The ports that each revision changed.
  std::map<int64_t, std::set<int>> changes_;
  // The first revision whose successors are all in changes_.
  int64_t oldest_base_ = 0;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_ROUTE_HISTORY_H_
