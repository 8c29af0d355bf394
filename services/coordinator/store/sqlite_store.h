#ifndef DROVER_SERVICES_COORDINATOR_STORE_SQLITE_STORE_H_
#define DROVER_SERVICES_COORDINATOR_STORE_SQLITE_STORE_H_

#include <memory>
#include <string>

#include "services/coordinator/store/coordinator_store.h"

namespace drover::coordinator {

// CoordinatorStore in one SQLite file: write-ahead log, synced at every commit, and locked against
// a second coordinator for as long as it is open. That a migration has COMMIT or ABORT and never
// both is a primary key of the database, not only our care.
class SqliteStore : public CoordinatorStore {
 public:
  // Opens `path`, making it if there is none. FAILED_PRECONDITION if another process has it open;
  // UNKNOWN with SQLite's words for everything else.
  static absl::StatusOr<std::unique_ptr<SqliteStore>> Open(const std::string& path);
  ~SqliteStore() override;

  absl::StatusOr<EpochRecord> TakeEpoch(Epoch above) override;
  absl::StatusOr<StoredState> Load() override;
  absl::Status Commit(const Change& change) override;
  // Made beside the database, with SQLite's backup API; what a crash leaves of it is removed by the
  // next Open().
  absl::StatusOr<UniqueFd> BackUp(const std::string& recovery) override;
  absl::StatusOr<std::vector<AuditEntry>> LoadAudit() override;

 private:
  class Database;

  SqliteStore(std::string path, std::unique_ptr<Database> database);
  absl::Status Write(const Change& change);
  absl::Status WriteCopy(const std::string& path, const std::string& recovery);

  const std::string path_;
  std::unique_ptr<Database> database_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_STORE_SQLITE_STORE_H_
