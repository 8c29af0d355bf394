#include "services/coordinator/domain/recent_abort.h"

namespace drover::coordinator {
namespace {

constexpr absl::Duration kRecent = absl::Hours(1);

}  // namespace

std::map<ApplicationName, std::string> RecentAborts(
    const std::vector<const MigrationRecord*>& migrations, absl::Time now) {
  std::map<ApplicationName, std::string> aborts;
  for (const MigrationRecord* migration : migrations) {
    const bool is_recent_abort = migration->state == MigrationState::kAborted &&
                                 migration->end_time.has_value() &&
                                 now - *migration->end_time < kRecent;
    if (is_recent_abort) {
      aborts[migration->application] = migration->error;
    } else {
      aborts.erase(migration->application);
    }
  }
  return aborts;
}

}  // namespace drover::coordinator
