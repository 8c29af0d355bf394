// A node's proxy service: the real rules of its tables, without a kernel.
#ifndef DROVER_TESTING_SIMULATION_PROXY_AGENT_H_
#define DROVER_TESTING_SIMULATION_PROXY_AGENT_H_

#include "absl/status/statusor.h"
#include "drover/proxy/v1/proxy_service.pb.h"
#include "services/common/async/async_mutex.h"
#include "services/proxy/domain/hold.h"
#include "testing/simulation/node_context.h"

namespace drover::simulation {

// Follows route_driver.cc. One start of the service. Used in its process.
class ProxyAgent {
 public:
  template <class T>
  using Answer = Task<absl::StatusOr<T>>;
  explicit ProxyAgent(NodeContext& context) : context_(context) {}

  Answer<proxy::v1::GetRoutesResponse> GetRoutes();
  Answer<proxy::v1::ApplyRoutesResponse> ApplyRoutes(proxy::v1::ApplyRoutesRequest request);
  Answer<proxy::v1::ChangeRoutesResponse> ChangeRoutes(proxy::v1::ChangeRoutesRequest request);
  Answer<proxy::v1::SetHoldResponse> SetHold(proxy::v1::SetHoldRequest request);
  Answer<proxy::v1::ReleaseHoldResponse> ReleaseHold(proxy::v1::ReleaseHoldRequest request);

  // What is held now.
  proxy::Holds Held();

 private:
  Task<void> Save(proxy::RouteTable table);

  NodeContext& context_;
  const std::shared_ptr<AsyncMutex> mutex_ = std::make_shared<AsyncMutex>();
  proxy::HoldTable holds_;
};

}  // namespace drover::simulation

#endif  // DROVER_TESTING_SIMULATION_PROXY_AGENT_H_
