#include "services/proxy/service/proxy_service.h"

#include <utility>
#include <vector>

#include "services/common/status/status_macros.h"
#include "services/common/time/proto_time.h"
#include "services/proxy/service/convert.h"

namespace drover::proxy {

grpc::ServerUnaryReactor* ProxyServiceImpl::GetRoutes(grpc::CallbackServerContext* context,
                                                      const v1::GetRoutesRequest* request,
                                                      v1::GetRoutesResponse* response) {
  auto handle = [this](Caller, v1::GetRoutesRequest request) {
    return HandleGetRoutes(std::move(request));
  };
  return ServeUnary(calls_, context, request, response, std::move(handle));
}

grpc::ServerUnaryReactor* ProxyServiceImpl::ApplyRoutes(grpc::CallbackServerContext* context,
                                                        const v1::ApplyRoutesRequest* request,
                                                        v1::ApplyRoutesResponse* response) {
  auto handle = [this](Caller, v1::ApplyRoutesRequest request) {
    return HandleApplyRoutes(std::move(request));
  };
  return ServeUnary(calls_, context, request, response, std::move(handle));
}

grpc::ServerUnaryReactor* ProxyServiceImpl::ChangeRoutes(grpc::CallbackServerContext* context,
                                                         const v1::ChangeRoutesRequest* request,
                                                         v1::ChangeRoutesResponse* response) {
  auto handle = [this](Caller, v1::ChangeRoutesRequest request) {
    return HandleChangeRoutes(std::move(request));
  };
  return ServeUnary(calls_, context, request, response, std::move(handle));
}

grpc::ServerUnaryReactor* ProxyServiceImpl::SetHold(grpc::CallbackServerContext* context,
                                                    const v1::SetHoldRequest* request,
                                                    v1::SetHoldResponse* response) {
  auto handle = [this](Caller, v1::SetHoldRequest request) {
    return HandleSetHold(std::move(request));
  };
  return ServeUnary(calls_, context, request, response, std::move(handle));
}

grpc::ServerUnaryReactor* ProxyServiceImpl::ReleaseHold(grpc::CallbackServerContext* context,
                                                        const v1::ReleaseHoldRequest* request,
                                                        v1::ReleaseHoldResponse* response) {
  auto handle = [this](Caller, v1::ReleaseHoldRequest request) {
    return HandleReleaseHold(std::move(request));
  };
  return ServeUnary(calls_, context, request, response, std::move(handle));
}

grpc::ServerUnaryReactor* ProxyServiceImpl::CheckPorts(grpc::CallbackServerContext* context,
                                                       const v1::CheckPortsRequest* request,
                                                       v1::CheckPortsResponse* response) {
  auto handle = [this](Caller, v1::CheckPortsRequest request) {
    return HandleCheckPorts(std::move(request));
  };
  return ServeUnary(calls_, context, request, response, std::move(handle));
}

Task<absl::StatusOr<v1::GetRoutesResponse>> ProxyServiceImpl::HandleGetRoutes(
    v1::GetRoutesRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(RoutesAndHolds routes, co_await driver_.GetRoutes());
  v1::GetRoutesResponse response = ToProto(routes, !request.without_routes());
  *response.mutable_obeyed() = guard_.Obeyed();
  co_return response;
}

Task<absl::StatusOr<v1::ApplyRoutesResponse>> ProxyServiceImpl::HandleApplyRoutes(
    v1::ApplyRoutesRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(RouteTable table, RouteTableOf(request));
  DROVER_CO_RETURN_IF_ERROR(co_await driver_.ApplyRoutes(FenceOf(request.fence()), std::move(table),
                                                         request.release_holder()));
  v1::ApplyRoutesResponse response;
  response.set_revision(request.revision());
  co_return response;
}

Task<absl::StatusOr<v1::ChangeRoutesResponse>> ProxyServiceImpl::HandleChangeRoutes(
    v1::ChangeRoutesRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(RouteDelta delta, RouteDeltaOf(request));
  DROVER_CO_RETURN_IF_ERROR(co_await driver_.ChangeRoutes(
      FenceOf(request.fence()), std::move(delta), request.release_holder()));
  v1::ChangeRoutesResponse response;
  response.set_revision(request.revision());
  co_return response;
}

Task<absl::StatusOr<v1::SetHoldResponse>> ProxyServiceImpl::HandleSetHold(
    v1::SetHoldRequest request) {
  std::vector<int> ports(request.external_ports().begin(), request.external_ports().end());
  DROVER_CO_RETURN_IF_ERROR(co_await driver_.SetHold(FenceOf(request.fence()), request.holder(),
                                                     std::move(ports),
                                                     DurationOf(request.time_to_live())));
  co_return v1::SetHoldResponse();
}

Task<absl::StatusOr<v1::ReleaseHoldResponse>> ProxyServiceImpl::HandleReleaseHold(
    v1::ReleaseHoldRequest request) {
  DROVER_CO_RETURN_IF_ERROR(
      co_await driver_.ReleaseHold(FenceOf(request.fence()), request.holder()));
  co_return v1::ReleaseHoldResponse();
}

Task<absl::StatusOr<v1::CheckPortsResponse>> ProxyServiceImpl::HandleCheckPorts(
    v1::CheckPortsRequest request) {
  std::vector<int> ports(request.external_ports().begin(), request.external_ports().end());
  DROVER_CO_ASSIGN_OR_RETURN(auto conflicts, co_await driver_.CheckPorts(std::move(ports)));
  v1::CheckPortsResponse response;
  for (const auto& [port, listener] : conflicts) {
    v1::PortConflict& conflict = *response.add_conflicts();
    conflict.set_port(port);
    conflict.set_listener(listener);
  }
  co_return response;
}

}  // namespace drover::proxy
