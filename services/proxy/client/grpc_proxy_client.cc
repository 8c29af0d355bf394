#include "services/proxy/client/grpc_proxy_client.h"

#include <utility>

#include "services/common/async/client_call.h"

namespace drover::proxy {

GrpcProxyClient::GrpcProxyClient(std::shared_ptr<grpc::Channel> channel)
    : stub_(v1::ProxyService::NewStub(std::move(channel))) {}

Task<absl::StatusOr<v1::GetRoutesResponse>> GrpcProxyClient::GetRoutes(v1::GetRoutesRequest request,
                                                                       absl::Duration timeout) {
  return UnaryCall<v1::GetRoutesResponse>(stub_, &Async::GetRoutes, std::move(request), timeout);
}

Task<absl::StatusOr<v1::ApplyRoutesResponse>> GrpcProxyClient::ApplyRoutes(
    v1::ApplyRoutesRequest request, absl::Duration timeout) {
  return UnaryCall<v1::ApplyRoutesResponse>(stub_, &Async::ApplyRoutes, std::move(request),
                                            timeout);
}

Task<absl::StatusOr<v1::ChangeRoutesResponse>> GrpcProxyClient::ChangeRoutes(
    v1::ChangeRoutesRequest request, absl::Duration timeout) {
  return UnaryCall<v1::ChangeRoutesResponse>(stub_, &Async::ChangeRoutes, std::move(request),
                                             timeout);
}

Task<absl::StatusOr<v1::SetHoldResponse>> GrpcProxyClient::SetHold(v1::SetHoldRequest request,
                                                                   absl::Duration timeout) {
  return UnaryCall<v1::SetHoldResponse>(stub_, &Async::SetHold, std::move(request), timeout);
}

Task<absl::StatusOr<v1::ReleaseHoldResponse>> GrpcProxyClient::ReleaseHold(
    v1::ReleaseHoldRequest request, absl::Duration timeout) {
  return UnaryCall<v1::ReleaseHoldResponse>(stub_, &Async::ReleaseHold, std::move(request),
                                            timeout);
}

Task<absl::StatusOr<v1::CheckPortsResponse>> GrpcProxyClient::CheckPorts(
    v1::CheckPortsRequest request, absl::Duration timeout) {
  return UnaryCall<v1::CheckPortsResponse>(stub_, &Async::CheckPorts, std::move(request), timeout);
}

}  // namespace drover::proxy
