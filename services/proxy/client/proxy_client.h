// How other services call the proxy of a node.
#ifndef DROVER_SERVICES_PROXY_CLIENT_PROXY_CLIENT_H_
#define DROVER_SERVICES_PROXY_CLIENT_PROXY_CLIENT_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "drover/proxy/v1/proxy_service.pb.h"
#include "services/common/async/task.h"

namespace drover::proxy {

// One method per call of ProxyService; its .proto says what each does and answers. Every call has a
// deadline; a stream's `on_message` runs on the calling coroutine's executor. Not thread-safe.
class ProxyClient {
 public:
  virtual ~ProxyClient() = default;

  virtual Task<absl::StatusOr<proxy::v1::GetRoutesResponse>> GetRoutes(
      proxy::v1::GetRoutesRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<proxy::v1::ApplyRoutesResponse>> ApplyRoutes(
      proxy::v1::ApplyRoutesRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<proxy::v1::ChangeRoutesResponse>> ChangeRoutes(
      proxy::v1::ChangeRoutesRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<proxy::v1::SetHoldResponse>> SetHold(
      proxy::v1::SetHoldRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<proxy::v1::ReleaseHoldResponse>> ReleaseHold(
      proxy::v1::ReleaseHoldRequest request, absl::Duration timeout) = 0;
  virtual Task<absl::StatusOr<proxy::v1::CheckPortsResponse>> CheckPorts(
      proxy::v1::CheckPortsRequest request, absl::Duration timeout) = 0;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_CLIENT_PROXY_CLIENT_H_
