#include "services/coordinator/orchestrator/route_keeper.h"

#include <glog/logging.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"
#include "services/coordinator/convert/time_convert.h"
#include "services/coordinator/domain/routes.h"
#include "services/coordinator/orchestrator/transient.h"
#include "services/coordinator/orchestrator/when_all.h"

namespace drover::coordinator {
namespace {

constexpr absl::Duration kDeadline = absl::Seconds(5);
// Longer than any cut-over lasts; it ends the hold by itself if we die.
constexpr absl::Duration kHoldTimeToLive = absl::Minutes(2);

Task<absl::Status> HoldOn(std::shared_ptr<NodeHandle> node, proxy::v1::SetHoldRequest request) {
  co_return (co_await node->proxy->SetHold(std::move(request), kDeadline)).status();
}

Task<absl::Status> ReleaseOn(std::shared_ptr<NodeHandle> node,
                             proxy::v1::ReleaseHoldRequest request) {
  co_return (co_await node->proxy->ReleaseHold(std::move(request), kDeadline)).status();
}

Task<absl::Status> CheckOn(std::shared_ptr<NodeHandle> node, proxy::v1::CheckPortsRequest request) {
  auto response = co_await node->proxy->CheckPorts(std::move(request), kDeadline);
  if (!response.ok()) co_return response.status();
  if (response->conflicts().empty()) co_return absl::OkStatus();
  const proxy::v1::PortConflict& conflict = response->conflicts(0);
  const std::string listener = conflict.listener().empty() ? "something" : conflict.listener();
  co_return StatusWithReason(
      absl::StatusCode::kFailedPrecondition, "PORT_TAKEN",
      absl::StrCat("port ", conflict.port(), " is taken on ", node->name.value(), ": ", listener,
                   " listens there; stop it or choose another port"));
}

}  // namespace

Task<absl::Status> RouteKeeper::Change(drover::coordinator::Change change) {
  co_await journal_.CommitRoutes(std::move(change));
  std::vector<Task<absl::Status>> pushes;
  for (std::shared_ptr<NodeHandle>& node : nodes_.All()) pushes.push_back(Push(std::move(node)));
  std::vector<absl::Status> results = co_await WhenAll(std::move(pushes));
  for (const absl::Status& result : results) {
    if (!result.ok() && !IsTransient(result)) co_return result;
  }
  co_return absl::OkStatus();
}

Task<std::map<NodeName, std::string>> RouteKeeper::AddressesOfNodes() {
  std::map<NodeName, std::string> result;
  for (const std::shared_ptr<NodeHandle>& node : nodes_.All()) {
    const std::vector<std::string> addresses = co_await hosts_.Resolve(node->address);
    // What has no address is refused by the proxies, by its name.
    result[node->name] = addresses.empty() ? node->address : addresses[0];
  }
  co_return result;
}

Task<absl::Status> RouteKeeper::Push(std::shared_ptr<NodeHandle> node) {
  // A cluster that has never had a route: revisions count from 1.
  if (journal_.route_revision() == 0) co_return absl::OkStatus();
  // Before the table is read: the revision and the entries must be of one moment.
  const std::map<NodeName, std::string> addresses = co_await AddressesOfNodes();
  proxy::v1::ApplyRoutesRequest request;
  *request.mutable_fence() = journal_.fence();
  request.set_revision(journal_.route_revision());
  for (const RouteEntry& entry : RouteTable(journal_.applications())) {
    proxy::v1::Route* route = request.add_routes();
    route->set_external_port(entry.external_port);
    route->set_application(entry.application.value());
    if (entry.node == node->name) {
      route->mutable_local()->set_internal_port(entry.internal_port);
      route->mutable_local()->set_container_id(entry.container_id.value());
    } else {
      route->mutable_remote()->set_node(entry.node.value());
      const auto owner = addresses.find(entry.node);
      if (owner != addresses.end()) route->mutable_remote()->set_address(owner->second);
    }
  }
  auto response = co_await node->proxy->ApplyRoutes(std::move(request), kDeadline);
  if (!response.ok()) {
    LOG(WARNING) << "routes of " << node->name << ": " << response.status();
    co_return Annotate(response.status(), absl::StrCat(node->name.value(), " refused its routes"));
  }
  co_return absl::OkStatus();
}

Task<void> RouteKeeper::Hold(std::string holder, std::vector<int> ports) {
  if (ports.empty()) co_return;
  proxy::v1::SetHoldRequest request;
  *request.mutable_fence() = journal_.fence();
  request.set_holder(holder);
  request.mutable_external_ports()->Assign(ports.begin(), ports.end());
  *request.mutable_time_to_live() = ToProto(kHoldTimeToLive);
  std::vector<Task<absl::Status>> calls;
  for (const std::shared_ptr<NodeHandle>& node : nodes_.All()) {
    calls.push_back(HoldOn(node, request));
  }
  std::vector<absl::Status> results = co_await WhenAll(std::move(calls));
  for (const absl::Status& status : results) {
    LOG_IF(WARNING, !status.ok()) << holder << ": not held everywhere: " << status;
  }
}

Task<void> RouteKeeper::Release(std::string holder) {
  proxy::v1::ReleaseHoldRequest request;
  *request.mutable_fence() = journal_.fence();
  request.set_holder(holder);
  std::vector<Task<absl::Status>> calls;
  for (const std::shared_ptr<NodeHandle>& node : nodes_.All()) {
    calls.push_back(ReleaseOn(node, request));
  }
  std::vector<absl::Status> results = co_await WhenAll(std::move(calls));
  for (const absl::Status& status : results) {
    LOG_IF(WARNING, !status.ok()) << holder << ": a hold ends by its time-out: " << status;
  }
}

Task<absl::Status> RouteKeeper::CheckPorts(std::vector<int> ports) {
  if (ports.empty()) co_return absl::OkStatus();
  proxy::v1::CheckPortsRequest request;
  request.mutable_external_ports()->Assign(ports.begin(), ports.end());
  std::vector<Task<absl::Status>> calls;
  for (const std::shared_ptr<NodeHandle>& node : nodes_.All()) {
    calls.push_back(CheckOn(node, request));
  }
  std::vector<absl::Status> results = co_await WhenAll(std::move(calls));
  for (const absl::Status& result : results) {
    if (!result.ok() && !IsTransient(result)) co_return result;
  }
  co_return absl::OkStatus();
}

}  // namespace drover::coordinator
