#ifndef DROVER_SERVICES_COORDINATOR_STORE_FAKE_STORE_H_
#define DROVER_SERVICES_COORDINATOR_STORE_FAKE_STORE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/coordinator/store/coordinator_store.h"

namespace drover::coordinator {

// CoordinatorStore in memory. Its `Disk` outlives it, as a file outlives a process: a test of a
// restart makes a second FakeStore on the same disk.
class FakeStore : public CoordinatorStore {
 public:
  struct Disk {
    StoredState state;
    std::vector<AuditEntry> audit;
    std::map<MigrationId, bool> committed;  // false = aborted
    int64_t epoch = 0;
    // How nonces begin: of two disks that were one, others than the other's.
    std::string nonces = "nonce-";
  };

  explicit FakeStore(std::shared_ptr<Disk> disk) : disk_(std::move(disk)) {}

  absl::StatusOr<EpochRecord> TakeEpoch(Epoch above) override;
  absl::StatusOr<StoredState> Load() override;
  absl::Status Commit(const Change& change) override;
  // The copy holds the words of `recovery` and nothing else.
  absl::StatusOr<UniqueFd> BackUp(const std::string& recovery) override;
  absl::StatusOr<std::vector<AuditEntry>> LoadAudit() override;

  // Called after each durable change; an error is what Commit() then answers, as if the disk had
  // died right after it.
  std::function<absl::Status(const Change&)> after_commit;

 private:
  const std::shared_ptr<Disk> disk_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_STORE_FAKE_STORE_H_
