// The kernel table in nf_tables.
#ifndef DROVER_SERVICES_PROXY_BACKEND_NFTABLES_TABLE_H_
#define DROVER_SERVICES_PROXY_BACKEND_NFTABLES_TABLE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/proxy/backend/kernel_table.h"
#include "services/proxy/backend/ruleset_generation.h"

namespace drover::proxy {

// The table `inet drover` of the network namespace in which Create was called. Its rules and why
// each is there: kRules in the .cc. External ports are keys of maps, so the cost of a packet and of
// a change does not grow with the number of routes. Needs CAP_NET_ADMIN.
class NftablesTable : public KernelTable {
 public:
  // UNAVAILABLE (KERNEL) if nf_tables cannot be reached.
  static absl::StatusOr<std::unique_ptr<NftablesTable>> Create();
  ~NftablesTable() override;

  absl::Status Ensure() override;
  absl::Status Remove() override;
  absl::StatusOr<KernelRoutes> ReadRoutes() override;
  bool IsUntouched() override;
  absl::Status Apply(const KernelChange& change) override;
  absl::StatusOr<std::set<int>> ReadHolds() override;
  absl::Status Hold(const std::set<int>& ports, absl::Duration time_to_live) override;
  absl::Status Release(const std::set<int>& ports) override;

 private:
  // Keeps libnftables and Boost.JSON out of this header.
  class Library;

  NftablesTable(std::unique_ptr<Library> library, RulesetGeneration generation);

  // Carries out `commands` as one transaction.
  absl::Status Change(const std::string& commands);
  // Deletes the holds of `ports`, if there are any, and adds `elements`, in one batch.
  absl::Status ReplaceHolds(const std::set<int>& ports, const std::string& elements);

  std::unique_ptr<Library> library_;
  RulesetGeneration generation_;
  // What the generation is if nobody else changed the rules since they were read; absent before.
  std::optional<uint32_t> expected_;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_NFTABLES_TABLE_H_
