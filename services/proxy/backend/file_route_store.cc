#include "services/proxy/backend/file_route_store.h"

#include <utility>

#include "services/common/failpoint/failpoint.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/proxy/domain/route_table_text.h"

namespace drover::proxy {

absl::StatusOr<RouteTable> FileRouteStore::Load() {
  absl::StatusOr<std::string> text = ReadFile(path_);
  if (absl::IsNotFound(text.status())) return RouteTable();
  DROVER_RETURN_IF_ERROR(text.status());
  absl::StatusOr<RouteTable> table = DecodeRouteTable(*text);
  if (!table.ok()) return Annotate(table.status(), path_);
  absl::StatusOr<std::string> changes = ReadFile(log_path_);
  if (absl::IsNotFound(changes.status())) return table;
  DROVER_RETURN_IF_ERROR(changes.status());
  DecodeRouteDeltas(*changes, *table);
  return table;
}

absl::Status FileRouteStore::Save(const RouteTable& table) {
  // The changes may stay: the table holds them, or is newer.
  return BetweenFailpoints({"proxy.routes.save"},
                           [&] { return WriteFileDurably(path_, EncodeRouteTable(table)); });
}

absl::Status FileRouteStore::Extend(const RouteTable& base, const RouteDelta& delta) {
  const std::string record = EncodeRouteDelta(delta);
  if (!log_.has_value() || log_size_ + record.size() > maximum_log_) {
    DROVER_RETURN_IF_ERROR(StartLog(base));
  }
  const absl::Status appended =
      BetweenFailpoints({"proxy.routes.extend"}, [&] { return log_->Append(record); });
  if (!appended.ok()) {
    log_.reset();
    return appended;
  }
  log_size_ += record.size();
  return absl::OkStatus();
}

absl::Status FileRouteStore::StartLog(const RouteTable& base) {
  log_.reset();
  DROVER_RETURN_IF_ERROR(Save(base));
  return BetweenFailpoints({"proxy.routes.start_log"}, [this]() -> absl::Status {
    DROVER_ASSIGN_OR_RETURN(DurableLog log, DurableLog::Open(log_path_));
    DROVER_RETURN_IF_ERROR(log.Clear());
    log_ = std::move(log);
    log_size_ = 0;
    return absl::OkStatus();
  });
}

}  // namespace drover::proxy
