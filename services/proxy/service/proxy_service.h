// The proxy's calls.
#ifndef DROVER_SERVICES_PROXY_SERVICE_PROXY_SERVICE_H_
#define DROVER_SERVICES_PROXY_SERVICE_PROXY_SERVICE_H_

#include "drover/proxy/v1/proxy_service.grpc.pb.h"
#include "services/common/async/server_call.h"
#include "services/common/async/task.h"
#include "services/common/fence/epoch_guard.h"
#include "services/proxy/driver/route_driver.h"

namespace drover::proxy {

// Converts and delegates; the .proto says what each call does. Handlers run on the executor of
// `calls`.
class ProxyServiceImpl : public v1::ProxyService::CallbackService {
 public:
  // All outlive the service.
  ProxyServiceImpl(CallScope& calls, RouteDriver& driver, const EpochGuard& guard)
      : calls_(calls), driver_(driver), guard_(guard) {}

  grpc::ServerUnaryReactor* GetRoutes(grpc::CallbackServerContext* context,
                                      const v1::GetRoutesRequest* request,
                                      v1::GetRoutesResponse* response) override;
  grpc::ServerUnaryReactor* ApplyRoutes(grpc::CallbackServerContext* context,
                                        const v1::ApplyRoutesRequest* request,
                                        v1::ApplyRoutesResponse* response) override;
  grpc::ServerUnaryReactor* ChangeRoutes(grpc::CallbackServerContext* context,
                                         const v1::ChangeRoutesRequest* request,
                                         v1::ChangeRoutesResponse* response) override;
  grpc::ServerUnaryReactor* SetHold(grpc::CallbackServerContext* context,
                                    const v1::SetHoldRequest* request,
                                    v1::SetHoldResponse* response) override;
  grpc::ServerUnaryReactor* ReleaseHold(grpc::CallbackServerContext* context,
                                        const v1::ReleaseHoldRequest* request,
                                        v1::ReleaseHoldResponse* response) override;
  grpc::ServerUnaryReactor* CheckPorts(grpc::CallbackServerContext* context,
                                       const v1::CheckPortsRequest* request,
                                       v1::CheckPortsResponse* response) override;

 private:
  Task<absl::StatusOr<v1::GetRoutesResponse>> HandleGetRoutes(v1::GetRoutesRequest request);
  Task<absl::StatusOr<v1::ApplyRoutesResponse>> HandleApplyRoutes(v1::ApplyRoutesRequest request);
  Task<absl::StatusOr<v1::ChangeRoutesResponse>> HandleChangeRoutes(
      v1::ChangeRoutesRequest request);
  Task<absl::StatusOr<v1::SetHoldResponse>> HandleSetHold(v1::SetHoldRequest request);
  Task<absl::StatusOr<v1::ReleaseHoldResponse>> HandleReleaseHold(v1::ReleaseHoldRequest request);
  Task<absl::StatusOr<v1::CheckPortsResponse>> HandleCheckPorts(v1::CheckPortsRequest request);

  CallScope& calls_;
  RouteDriver& driver_;
  const EpochGuard& guard_;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_SERVICE_PROXY_SERVICE_H_
