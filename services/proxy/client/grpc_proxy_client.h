// ProxyClient over gRPC.
#ifndef DROVER_SERVICES_PROXY_CLIENT_GRPC_PROXY_CLIENT_H_
#define DROVER_SERVICES_PROXY_CLIENT_GRPC_PROXY_CLIENT_H_

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>

#include "drover/proxy/v1/proxy_service.grpc.pb.h"
#include "services/proxy/client/proxy_client.h"

namespace drover::proxy {

class GrpcProxyClient : public ProxyClient {
 public:
  explicit GrpcProxyClient(std::shared_ptr<grpc::Channel> channel);

  Task<absl::StatusOr<proxy::v1::GetRoutesResponse>> GetRoutes(proxy::v1::GetRoutesRequest request,
                                                               absl::Duration timeout) override;
  Task<absl::StatusOr<proxy::v1::ApplyRoutesResponse>> ApplyRoutes(
      proxy::v1::ApplyRoutesRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<proxy::v1::ChangeRoutesResponse>> ChangeRoutes(
      proxy::v1::ChangeRoutesRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<proxy::v1::SetHoldResponse>> SetHold(proxy::v1::SetHoldRequest request,
                                                           absl::Duration timeout) override;
  Task<absl::StatusOr<proxy::v1::ReleaseHoldResponse>> ReleaseHold(
      proxy::v1::ReleaseHoldRequest request, absl::Duration timeout) override;
  Task<absl::StatusOr<proxy::v1::CheckPortsResponse>> CheckPorts(
      proxy::v1::CheckPortsRequest request, absl::Duration timeout) override;

 private:
  using Async = class proxy::v1::ProxyService::Stub::async;

  // Shared with the calls under way, so that no callback ever drops the last reference to the
  // channel.
  std::shared_ptr<proxy::v1::ProxyService::Stub> stub_;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_CLIENT_GRPC_PROXY_CLIENT_H_
