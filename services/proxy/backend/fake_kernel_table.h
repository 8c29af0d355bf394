#ifndef DROVER_SERVICES_PROXY_BACKEND_FAKE_KERNEL_TABLE_H_
#define DROVER_SERVICES_PROXY_BACKEND_FAKE_KERNEL_TABLE_H_

#include <functional>
#include <map>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/proxy/backend/kernel_table.h"

namespace drover::proxy {

// A KernelTable in memory, as strict as the kernel's. Holds end by `now`.
class FakeKernelTable : public KernelTable {
 public:
  explicit FakeKernelTable(std::function<absl::Time()> now) : now_(std::move(now)) {}

  absl::Status Ensure() override;
  absl::Status Remove() override;
  absl::StatusOr<KernelRoutes> ReadRoutes() override;
  bool IsUntouched() override { return !touched_; }
  absl::Status Apply(const KernelChange& change) override;
  absl::StatusOr<std::set<int>> ReadHolds() override;
  absl::Status Hold(const std::set<int>& ports, absl::Duration time_to_live) override;
  absl::Status Release(const std::set<int>& ports) override;

  // The next calls of Apply answer `status`; OK ends that.
  void FailApply(absl::Status status) { apply_failure_ = std::move(status); }
  // How many batches changed the routes.
  int applied() const { return applied_; }
  // How often all routes were read.
  int read() const { return read_; }
  // Somebody else changed some rules, as far as this table can see.
  void Touch() { touched_ = true; }

 private:
  absl::Status CheckExists() const;

  std::function<absl::Time()> now_;
  bool exists_ = false;
  KernelRoutes routes_;
  // With their ends.
  std::map<int, absl::Time> holds_;
  absl::Status apply_failure_;
  int applied_ = 0;
  int read_ = 0;
  bool touched_ = true;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_FAKE_KERNEL_TABLE_H_
