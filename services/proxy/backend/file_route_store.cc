#include "services/proxy/backend/file_route_store.h"

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
  return table;
}

absl::Status FileRouteStore::Save(const RouteTable& table) {
  return WriteFileDurably(path_, EncodeRouteTable(table));
}

}  // namespace drover::proxy
