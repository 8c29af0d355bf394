// A ProxyClient for unit tests.
#ifndef DROVER_SERVICES_PROXY_CLIENT_FAKE_PROXY_CLIENT_H_
#define DROVER_SERVICES_PROXY_CLIENT_FAKE_PROXY_CLIENT_H_

#include <functional>
#include <string>
#include <vector>

#include "drover/proxy/v1/proxy_service.pb.h"
#include "services/proxy/client/proxy_client.h"

namespace drover::proxy {

// Records the names of the calls and answers each by its `on_…` function, or with an empty response
// if that is not set. A stream gives its one answer as its only message.
class FakeProxyClient : public ProxyClient {
 public:
  Task<absl::StatusOr<proxy::v1::GetRoutesResponse>> GetRoutes(proxy::v1::GetRoutesRequest request,
                                                               absl::Duration timeout) override {
    calls.push_back("GetRoutes");
    if (!on_get_routes) co_return proxy::v1::GetRoutesResponse();
    co_return on_get_routes(request);
  }
  Task<absl::StatusOr<proxy::v1::ApplyRoutesResponse>> ApplyRoutes(
      proxy::v1::ApplyRoutesRequest request, absl::Duration timeout) override {
    calls.push_back("ApplyRoutes");
    if (!on_apply_routes) co_return proxy::v1::ApplyRoutesResponse();
    co_return on_apply_routes(request);
  }
  Task<absl::StatusOr<proxy::v1::ChangeRoutesResponse>> ChangeRoutes(
      proxy::v1::ChangeRoutesRequest request, absl::Duration timeout) override {
    calls.push_back("ChangeRoutes");
    if (!on_change_routes) co_return proxy::v1::ChangeRoutesResponse();
    co_return on_change_routes(request);
  }
  Task<absl::StatusOr<proxy::v1::SetHoldResponse>> SetHold(proxy::v1::SetHoldRequest request,
                                                           absl::Duration timeout) override {
    calls.push_back("SetHold");
    if (!on_set_hold) co_return proxy::v1::SetHoldResponse();
    co_return on_set_hold(request);
  }
  Task<absl::StatusOr<proxy::v1::ReleaseHoldResponse>> ReleaseHold(
      proxy::v1::ReleaseHoldRequest request, absl::Duration timeout) override {
    calls.push_back("ReleaseHold");
    if (!on_release_hold) co_return proxy::v1::ReleaseHoldResponse();
    co_return on_release_hold(request);
  }
  Task<absl::StatusOr<proxy::v1::CheckPortsResponse>> CheckPorts(
      proxy::v1::CheckPortsRequest request, absl::Duration timeout) override {
    calls.push_back("CheckPorts");
    if (!on_check_ports) co_return proxy::v1::CheckPortsResponse();
    co_return on_check_ports(request);
  }

  std::vector<std::string> calls;

  std::function<absl::StatusOr<proxy::v1::GetRoutesResponse>(const proxy::v1::GetRoutesRequest&)>
      on_get_routes;
  std::function<absl::StatusOr<proxy::v1::ApplyRoutesResponse>(
      const proxy::v1::ApplyRoutesRequest&)>
      on_apply_routes;
  std::function<absl::StatusOr<proxy::v1::ChangeRoutesResponse>(
      const proxy::v1::ChangeRoutesRequest&)>
      on_change_routes;
  std::function<absl::StatusOr<proxy::v1::SetHoldResponse>(const proxy::v1::SetHoldRequest&)>
      on_set_hold;
  std::function<absl::StatusOr<proxy::v1::ReleaseHoldResponse>(
      const proxy::v1::ReleaseHoldRequest&)>
      on_release_hold;
  std::function<absl::StatusOr<proxy::v1::CheckPortsResponse>(const proxy::v1::CheckPortsRequest&)>
      on_check_ports;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_CLIENT_FAKE_PROXY_CLIENT_H_
