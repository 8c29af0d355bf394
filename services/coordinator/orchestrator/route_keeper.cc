#include "services/coordinator/orchestrator/route_keeper.h"

#include <glog/logging.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"
#include "services/common/time/proto_time.h"
#include "services/coordinator/domain/routes.h"
#include "services/coordinator/orchestrator/transient.h"
#include "services/coordinator/orchestrator/when_all.h"

namespace drover::coordinator {
namespace {

constexpr absl::Duration kDeadline = absl::Seconds(5);
// How long clients wait if we die. A cut-over may last longer: a hold is renewed.
constexpr absl::Duration kHoldTimeToLive = absl::Minutes(2);
constexpr absl::Duration kHoldRenewal = absl::Seconds(30);
constexpr absl::Duration kSettled = absl::Seconds(1);

Task<absl::Status> HoldOn(std::shared_ptr<NodeHandle> node, proxy::v1::SetHoldRequest request) {
  co_return (co_await node->proxy->SetHold(std::move(request), kDeadline)).status();
}

Task<void> HoldOnAll(std::vector<std::shared_ptr<NodeHandle>> nodes,
                     proxy::v1::SetHoldRequest request) {
  std::vector<Task<absl::Status>> calls;
  for (std::shared_ptr<NodeHandle>& node : nodes) calls.push_back(HoldOn(std::move(node), request));
  std::vector<absl::Status> results = co_await WhenAll(std::move(calls));
  for (const absl::Status& status : results) {
    LOG_IF(WARNING, !status.ok()) << request.holder() << ": not held everywhere: " << status;
  }
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

// `entry` as `node` has to be told it.
void ToProto(const RouteEntry& entry, const NodeName& node,
             const std::map<NodeName, std::string>& addresses, proxy::v1::Route* route) {
  route->set_external_port(entry.external_port);
  route->set_application(entry.application.value());
  if (entry.node == node) {
    route->mutable_local()->set_internal_port(entry.internal_port);
    route->mutable_local()->set_container_id(entry.container_id.value());
    return;
  }
  route->mutable_remote()->set_node(entry.node.value());
  const auto owner = addresses.find(entry.node);
  if (owner != addresses.end()) route->mutable_remote()->set_address(owner->second);
}

}  // namespace

Task<absl::Status> RouteKeeper::Change(drover::coordinator::Change change,
                                       std::string release_holder, NodeName owner) {
  co_await journal_.CommitRoutes(std::move(change));
  const Addresses addresses = co_await AddressesOfNodes();
  history_.Update(journal_.route_revision(), journal_.applications());
  std::vector<Task<absl::Status>> pushes;
  for (std::shared_ptr<NodeHandle>& node : nodes_.Routable()) {
    const std::string holder = node->name == owner ? release_holder : "";
    pushes.push_back(PushChange(std::move(node), addresses, holder));
  }
  std::vector<absl::Status> results = co_await WhenAll(std::move(pushes));
  absl::Status refused;
  for (const absl::Status& result : results) {
    // One that does not answer leads nobody astray, and gets the table when it is back.
    if (result.ok() || IsUnreachable(result)) continue;
    refused = refused.ok() ? result
                           : absl::Status(refused.code(),
                                          absl::StrCat(refused.message(), "; ", result.message()));
  }
  co_return refused;
}

Task<RouteKeeper::Addresses> RouteKeeper::AddressesOfNodes() {
  std::map<NodeName, std::string> result;
  for (const std::shared_ptr<NodeHandle>& node : nodes_.All()) {
    const std::vector<std::string> addresses = co_await hosts_.Resolve(node->address);
    // What has no address is refused by the proxies, by its name.
    result[node->name] = addresses.empty() ? node->address : addresses[0];
  }
  if (addresses_ == nullptr || *addresses_ != result) {
    addresses_ = std::make_shared<const std::map<NodeName, std::string>>(std::move(result));
  }
  co_return addresses_;
}

Task<absl::Status> RouteKeeper::Push(std::shared_ptr<NodeHandle> node) {
  // A cluster that has never had a route: revisions count from 1.
  if (journal_.route_revision() == 0) co_return absl::OkStatus();
  const Addresses addresses = co_await AddressesOfNodes();
  history_.Update(journal_.route_revision(), journal_.applications());
  co_return co_await PushTable(std::move(node), addresses, "");
}

Task<absl::Status> RouteKeeper::PushChange(std::shared_ptr<NodeHandle> node, Addresses addresses,
                                           std::string release_holder) {
  const auto sent = sent_.find(node->name);
  std::optional<std::set<int>> changed;
  // Addresses are in the routes of all applications of a node.
  if (sent != sent_.end() && sent->second.addresses == addresses &&
      sent->second.revision < history_.revision()) {
    changed = history_.ChangedSince(sent->second.revision);
  }
  if (!changed.has_value()) {
    co_return co_await PushTable(std::move(node), addresses, std::move(release_holder));
  }
  proxy::v1::ChangeRoutesRequest request;
  *request.mutable_fence() = journal_.fence();
  request.set_base_revision(sent->second.revision);
  request.set_revision(history_.revision());
  request.set_release_holder(release_holder);
  for (int port : *changed) {
    const auto entry = history_.table().find(port);
    if (entry == history_.table().end()) {
      request.add_removed_external_ports(port);
    } else {
      ToProto(entry->second, node->name, *addresses, request.add_routes());
    }
  }
  // At once: the next change, which does not wait for the answer, is one of this table.
  sent->second.revision = history_.revision();
  const int64_t revision = request.revision();
  auto response = co_await node->proxy->ChangeRoutes(std::move(request), kDeadline);
  const std::string reason = ReasonOf(response.status());
  if (reason == "NOT_AT_BASE" || reason == "REVISION_REUSED") {
    co_return co_await PushTable(std::move(node), addresses, std::move(release_holder));
  }
  co_return co_await Pushed(std::move(node), revision, response.status());
}

Task<absl::Status> RouteKeeper::PushTable(std::shared_ptr<NodeHandle> node, Addresses addresses,
                                          std::string release_holder) {
  proxy::v1::ApplyRoutesRequest request;
  request.set_release_holder(release_holder);
  *request.mutable_fence() = journal_.fence();
  request.set_revision(history_.revision());
  for (const auto& [port, entry] : history_.table()) {
    ToProto(entry, node->name, *addresses, request.add_routes());
  }
  const int64_t revision = request.revision();
  sent_[node->name] = {revision, addresses};
  auto response = co_await node->proxy->ApplyRoutes(std::move(request), kDeadline);
  co_return co_await Pushed(std::move(node), revision, response.status());
}

Task<absl::Status> RouteKeeper::Pushed(std::shared_ptr<NodeHandle> node, int64_t revision,
                                       absl::Status answer) {
  if (answer.ok()) co_return absl::OkStatus();
  // A newer push overtook this one: the node has what counts.
  if (ReasonOf(answer) == "STALE_REVISION" && revision < journal_.route_revision()) {
    co_return absl::OkStatus();
  }
  sent_.erase(node->name);
  LOG(WARNING) << "routes of " << node->name << ": " << answer;
  if (ReasonOf(answer) == "STALE_EPOCH") co_await journal_.EndProcess(answer);
  co_return Annotate(answer, absl::StrCat(node->name.value(), " refused its routes"));
}

Task<void> RouteKeeper::Hold(std::string holder, std::vector<int> ports) {
  if (ports.empty()) co_return;
  held_[holder] = Held{ports, clock_.Now()};
  co_await SendHold(std::move(holder), std::move(ports));
}

Task<void> RouteKeeper::RenewHolds() {
  std::vector<std::string> due;
  for (auto& [holder, held] : held_) {
    if (clock_.Now() - held.sent >= kHoldRenewal) due.push_back(holder);
  }
  for (const std::string& holder : due) {
    auto held = held_.find(holder);
    if (held == held_.end()) continue;
    held->second.sent = clock_.Now();
    co_await SendHold(holder, held->second.ports);
    // Released meanwhile: a node may have heard of the renewal last.
    if (!held_.contains(holder)) co_await Release(holder);
  }
}

Task<void> RouteKeeper::RestoreHolds(std::shared_ptr<NodeHandle> node,
                                     std::set<std::string> there) {
  std::map<std::string, std::vector<int>> missing;
  for (const auto& [holder, held] : held_) {
    // One that has just been sent may be on its way.
    const bool is_new = clock_.Now() - held.sent < kSettled;
    if (!is_new && !there.contains(holder)) missing[holder] = held.ports;
  }
  for (const auto& [holder, ports] : missing) {
    if (!held_.contains(holder)) continue;
    const absl::Status held = co_await HoldOn(node, HoldRequest(holder, ports));
    LOG_IF(WARNING, !held.ok()) << holder << ": not held on " << node->name << ": " << held;
    // Released meanwhile: it may have heard of that first.
    if (held_.contains(holder)) continue;
    (void)co_await ReleaseOn(node, ReleaseRequest(holder));
  }
}

proxy::v1::SetHoldRequest RouteKeeper::HoldRequest(const std::string& holder,
                                                   const std::vector<int>& ports) const {
  proxy::v1::SetHoldRequest request;
  *request.mutable_fence() = journal_.fence();
  request.set_holder(holder);
  request.mutable_external_ports()->Assign(ports.begin(), ports.end());
  *request.mutable_time_to_live() = ProtoOf(kHoldTimeToLive);
  return request;
}

proxy::v1::ReleaseHoldRequest RouteKeeper::ReleaseRequest(const std::string& holder) const {
  proxy::v1::ReleaseHoldRequest request;
  *request.mutable_fence() = journal_.fence();
  request.set_holder(holder);
  return request;
}

Task<void> RouteKeeper::SendHold(std::string holder, std::vector<int> ports) {
  const proxy::v1::SetHoldRequest request = HoldRequest(holder, ports);
  // Where the ports lead to comes last. A connection that another node has sent on by then is the
  // application's, and is not held there, where that other node would forget it as soon as its
  // route leads elsewhere.
  const std::set<NodeName> owners = OwnersOf(journal_.applications(), ports);
  std::vector<std::shared_ptr<NodeHandle>> nodes = nodes_.Routable();
  const auto first_owner = std::stable_partition(
      nodes.begin(), nodes.end(), [&](const auto& node) { return !owners.contains(node->name); });
  std::vector<std::shared_ptr<NodeHandle>> last(first_owner, nodes.end());
  nodes.erase(first_owner, nodes.end());
  co_await HoldOnAll(std::move(nodes), request);
  co_await HoldOnAll(std::move(last), request);
}

Task<void> RouteKeeper::Release(std::string holder) {
  held_.erase(holder);
  const proxy::v1::ReleaseHoldRequest request = ReleaseRequest(holder);
  std::vector<Task<absl::Status>> calls;
  for (const std::shared_ptr<NodeHandle>& node : nodes_.Routable()) {
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
