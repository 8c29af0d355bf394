#include "services/proxy/service/convert.h"

#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"

namespace drover::proxy {
namespace {

absl::StatusOr<Route> RouteOf(const v1::Route& proto) {
  Route route;
  route.external_port = proto.external_port();
  route.application = ApplicationName(proto.application());
  switch (proto.target_case()) {
    case v1::Route::kLocal:
      route.target =
          LocalTarget{proto.local().internal_port(), ContainerId(proto.local().container_id())};
      return route;
    case v1::Route::kRemote: {
      DROVER_ASSIGN_OR_RETURN(Ipv4Address address, Ipv4Address::Parse(proto.remote().address()));
      route.target = RemoteTarget{NodeName(proto.remote().node()), address};
      return route;
    }
    case v1::Route::TARGET_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the route of port ", proto.external_port(), " has no target"));
}

absl::StatusOr<std::vector<Route>> RoutesOf(
    const google::protobuf::RepeatedPtrField<v1::Route>& protos) {
  std::vector<Route> routes;
  for (const v1::Route& proto : protos) {
    DROVER_ASSIGN_OR_RETURN(Route route, RouteOf(proto));
    routes.push_back(std::move(route));
  }
  return routes;
}

void ToProto(const Route& route, v1::Route& proto) {
  proto.set_external_port(route.external_port);
  proto.set_application(route.application.value());
  if (const auto* local = std::get_if<LocalTarget>(&route.target)) {
    proto.mutable_local()->set_internal_port(local->internal_port);
    proto.mutable_local()->set_container_id(local->container.value());
  } else {
    const auto& remote = std::get<RemoteTarget>(route.target);
    proto.mutable_remote()->set_node(remote.node.value());
    proto.mutable_remote()->set_address(remote.address.ToString());
  }
}

}  // namespace

Fence FenceOf(const common::v1::Fence& fence) {
  return {fence.epoch(), fence.nonce(), fence.sequence()};
}

absl::StatusOr<RouteTable> RouteTableOf(const v1::ApplyRoutesRequest& request) {
  DROVER_ASSIGN_OR_RETURN(std::vector<Route> routes, RoutesOf(request.routes()));
  return RouteTable::Create(request.revision(), routes);
}

absl::StatusOr<RouteDelta> RouteDeltaOf(const v1::ChangeRoutesRequest& request) {
  DROVER_ASSIGN_OR_RETURN(std::vector<Route> set, RoutesOf(request.routes()));
  const std::vector<int> removed(request.removed_external_ports().begin(),
                                 request.removed_external_ports().end());
  return RouteDelta::Create(request.base_revision(), request.revision(), set, removed);
}

v1::GetRoutesResponse ToProto(const RoutesAndHolds& routes, bool with_routes) {
  v1::GetRoutesResponse response;
  response.set_revision(routes.table.revision());
  if (with_routes) {
    for (const auto& [port, route] : routes.table.routes()) {
      ToProto(route, *response.add_routes());
    }
  }
  for (const auto& [port, holder] : routes.holds) {
    v1::Hold& hold = *response.add_holds();
    hold.set_external_port(port);
    hold.set_holder(holder);
  }
  response.mutable_relay()->set_waiting(routes.relay.waiting);
  response.mutable_relay()->set_held(routes.relay.held);
  response.mutable_relay()->set_expired(routes.relay.expired);
  response.mutable_relay()->set_dropped(routes.relay.dropped);
  return response;
}

}  // namespace drover::proxy
