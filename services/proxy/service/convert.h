// Between the proxy's protos and its domain.
#ifndef DROVER_SERVICES_PROXY_SERVICE_CONVERT_H_
#define DROVER_SERVICES_PROXY_SERVICE_CONVERT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "drover/common/v1/fence.pb.h"
#include "drover/proxy/v1/proxy_service.pb.h"
#include "google/protobuf/duration.pb.h"
#include "services/proxy/domain/route_delta.h"
#include "services/proxy/domain/route_table.h"
#include "services/proxy/driver/route_driver.h"

namespace drover::proxy {

Fence FenceOf(const common::v1::Fence& fence);

// INVALID_ARGUMENT if a route or the revision is not valid.
absl::StatusOr<RouteTable> RouteTableOf(const v1::ApplyRoutesRequest& request);

// INVALID_ARGUMENT likewise.
absl::StatusOr<RouteDelta> RouteDeltaOf(const v1::ChangeRoutesRequest& request);

v1::GetRoutesResponse ToProto(const RoutesAndHolds& routes, bool with_routes);

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_SERVICE_CONVERT_H_
