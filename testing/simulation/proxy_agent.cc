#include "testing/simulation/proxy_agent.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"
#include "services/common/time/proto_time.h"
#include "services/proxy/domain/route_delta.h"
#include "services/proxy/domain/route_table.h"
#include "services/proxy/service/convert.h"

namespace drover::simulation {

namespace v1 = proxy::v1;

Task<void> ProxyAgent::Save(proxy::RouteTable table) {
  auto apply = [this, table] {
    if (table.revision() < context_.disk().routes.revision()) {
      context_.world().Fail("I6: a node's routes went back");
    }
    context_.disk().routes = table;
  };
  co_await context_.Write(absl::StrCat("routes ", table.revision()), std::move(apply));
}

ProxyAgent::Answer<v1::GetRoutesResponse> ProxyAgent::GetRoutes() {
  co_await context_.Step();
  v1::GetRoutesResponse response;
  response.set_revision(context_.disk().routes.revision());
  for (const auto& [port, holder] : Held()) {
    v1::Hold* hold = response.add_holds();
    hold->set_external_port(port);
    hold->set_holder(holder);
  }
  co_return response;
}

ProxyAgent::Answer<v1::ApplyRoutesResponse> ProxyAgent::ApplyRoutes(
    v1::ApplyRoutesRequest request) {
  DROVER_CO_RETURN_IF_ERROR(context_.Admit(request.fence(), context_.disk().proxy_epoch));
  DROVER_CO_ASSIGN_OR_RETURN(proxy::RouteTable table, proxy::RouteTableOf(request));
  AsyncMutex::Lock lock = co_await mutex_->Acquire();
  DROVER_CO_RETURN_IF_ERROR(proxy::CheckSuccession(context_.disk().routes, table));
  if (table != context_.disk().routes) co_await Save(std::move(table));
  holds_.Release(request.release_holder());
  co_return v1::ApplyRoutesResponse();
}

ProxyAgent::Answer<v1::ChangeRoutesResponse> ProxyAgent::ChangeRoutes(
    v1::ChangeRoutesRequest request) {
  DROVER_CO_RETURN_IF_ERROR(context_.Admit(request.fence(), context_.disk().proxy_epoch));
  DROVER_CO_ASSIGN_OR_RETURN(proxy::RouteDelta delta, proxy::RouteDeltaOf(request));
  AsyncMutex::Lock lock = co_await mutex_->Acquire();
  DROVER_CO_RETURN_IF_ERROR(proxy::CheckSuccession(context_.disk().routes, delta));
  if (delta.revision() != context_.disk().routes.revision()) {
    proxy::RouteTable table = context_.disk().routes;
    table.Apply(delta);
    co_await Save(std::move(table));
  }
  holds_.Release(request.release_holder());
  co_return v1::ChangeRoutesResponse();
}

ProxyAgent::Answer<v1::SetHoldResponse> ProxyAgent::SetHold(v1::SetHoldRequest request) {
  DROVER_CO_RETURN_IF_ERROR(context_.Admit(request.fence(), context_.disk().proxy_epoch));
  const std::vector<int> ports(request.external_ports().begin(), request.external_ports().end());
  const absl::Duration life = DurationOf(request.time_to_live());
  DROVER_CO_RETURN_IF_ERROR(proxy::ValidateHold(request.holder(), ports, life));
  AsyncMutex::Lock lock = co_await mutex_->Acquire();
  co_await context_.Step();
  const std::set<int> held(ports.begin(), ports.end());
  holds_.Set(request.holder(), held, context_.world().Now() + life);
  co_return v1::SetHoldResponse();
}

ProxyAgent::Answer<v1::ReleaseHoldResponse> ProxyAgent::ReleaseHold(
    v1::ReleaseHoldRequest request) {
  DROVER_CO_RETURN_IF_ERROR(context_.Admit(request.fence(), context_.disk().proxy_epoch));
  AsyncMutex::Lock lock = co_await mutex_->Acquire();
  co_await context_.Step();
  holds_.Release(request.holder());
  co_return v1::ReleaseHoldResponse();
}

proxy::Holds ProxyAgent::Held() {
  holds_.Expire(context_.world().Now());
  return holds_.Holders();
}

}  // namespace drover::simulation
