// A RouteStore in files.
#ifndef DROVER_SERVICES_PROXY_BACKEND_FILE_ROUTE_STORE_H_
#define DROVER_SERVICES_PROXY_BACKEND_FILE_ROUTE_STORE_H_

#include <optional>
#include <string>
#include <utility>

#include "services/common/file/durable_log.h"
#include "services/proxy/backend/route_store.h"

namespace drover::proxy {

// The table in the file `path`, replaced as a whole, and what was changed since in `path`.changes,
// appended and synced. When that has grown to `maximum_log` bytes the table is written again, so a
// change is cheap whatever the number of routes.
//
// Each change names the revision it is for, so that a crash at any point leaves a table that was
// ordered: changes that the file holds already are passed over, a last one that is cut was never
// answered.
class FileRouteStore : public RouteStore {
 public:
  static constexpr size_t kMaximumLog = 256 * 1024;

  explicit FileRouteStore(std::string path, size_t maximum_log = kMaximumLog)
      : path_(std::move(path)), log_path_(path_ + ".changes"), maximum_log_(maximum_log) {}

  absl::StatusOr<RouteTable> Load() override;
  absl::Status Save(const RouteTable& table) override;
  absl::Status Extend(const RouteTable& base, const RouteDelta& delta) override;

 private:
  // `base` in the file, no changes beside it.
  absl::Status StartLog(const RouteTable& base);

  const std::string path_;
  const std::string log_path_;
  const size_t maximum_log_;
  // Absent until the first Extend, and after one that failed: what may be in the file then is not
  // followed by anything.
  std::optional<DurableLog> log_;
  size_t log_size_ = 0;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_FILE_ROUTE_STORE_H_
