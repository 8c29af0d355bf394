// A RouteStore in one file.
#ifndef DROVER_SERVICES_PROXY_BACKEND_FILE_ROUTE_STORE_H_
#define DROVER_SERVICES_PROXY_BACKEND_FILE_ROUTE_STORE_H_

#include <string>
#include <utility>

#include "services/proxy/backend/route_store.h"

namespace drover::proxy {

class FileRouteStore : public RouteStore {
 public:
  explicit FileRouteStore(std::string path) : path_(std::move(path)) {}

  absl::StatusOr<RouteTable> Load() override;
  absl::Status Save(const RouteTable& table) override;

 private:
  const std::string path_;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_FILE_ROUTE_STORE_H_
