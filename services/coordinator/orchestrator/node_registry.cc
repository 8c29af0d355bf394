#include "services/coordinator/orchestrator/node_registry.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/coordinator/domain/node_removal.h"
#include "services/coordinator/orchestrator/observer.h"

namespace drover::coordinator {
namespace {

absl::Status CheckNames(const NodeName& name, const std::string& address) {
  const std::string& text = name.value();
  const bool good =
      !text.empty() && text.size() <= 63 && text[0] != '-' && text[0] != '.' &&
      std::all_of(text.begin(), text.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.';
      });
  if (!good) {
    return absl::InvalidArgumentError(
        absl::StrCat("`", text, "` is no node name: use letters, digits, - and ., at most 63"));
  }
  if (address.empty() || address.find_first_of(" :/") != std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("`", address,
                     "` is no address: give an IPv4 address or a host name, "
                     "without a port"));
  }
  return absl::OkStatus();
}

absl::Status NotRegistered(const NodeName& name) {
  return absl::NotFoundError(absl::StrCat("no node ", name.value(), " is registered"));
}

}  // namespace

NodeRegistry::NodeRegistry(Journal& journal, NodeDirectory& nodes, FirstContact& contact,
                           RouteKeeper& routes)
    : journal_(journal), nodes_(nodes), contact_(contact), routes_(routes) {
  for (const auto& [name, record] : journal_.nodes()) {
    nodes_.Put(nodes_.Connect(name, record.address));
  }
}

Task<absl::StatusOr<NodeView>> NodeRegistry::Add(NodeName name, std::string address) {
  absl::Status checked = CheckNames(name, address);
  if (!checked.ok()) co_return checked;
  for (const auto& [other, record] : journal_.nodes()) {
    if (other == name ? record.address != address : record.address == address) {
      co_return absl::AlreadyExistsError(absl::StrCat("node ", other.value(), " is registered at ",
                                                      record.address,
                                                      "; remove it first to change that"));
    }
  }
  std::shared_ptr<NodeHandle> handle = nodes_.Connect(name, address);
  NodeView view = co_await ObserveNode(handle);
  if (!view.reachable) {
    co_return absl::UnavailableError(
        absl::StrCat("node ", name.value(), " was not registered: ", view.problem));
  }
  if (!journal_.nodes().contains(name)) {
    Change change;
    change.nodes.push_back({name, address, false});
    co_await journal_.Commit(std::move(change));
    nodes_.Put(handle);
  }
  co_await contact_.Compare(handle, view);
  if (!journal_.recovery().empty()) co_return view;
  // A node that refuses the table now gets it from the reconciler.
  (void)co_await routes_.Push(handle);
  co_return view;
}

Task<absl::StatusOr<NodeRecord>> NodeRegistry::SetCordoned(NodeName name, bool cordoned,
                                                           absl::Time now) {
  const AsyncMutex::Lock lock = co_await changing_->Acquire();
  const auto known = journal_.nodes().find(name);
  if (known == journal_.nodes().end()) co_return NotRegistered(name);
  NodeRecord record = known->second;
  if (record.cordoned == cordoned) co_return record;
  record.cordoned = cordoned;
  if (cordoned) record.cordon_time = now;
  Change change;
  change.nodes.push_back(record);
  co_await journal_.Commit(std::move(change));
  co_return record;
}

Task<absl::Status> NodeRegistry::Remove(NodeName name) {
  const AsyncMutex::Lock lock = co_await changing_->Acquire();
  if (!journal_.nodes().contains(name)) co_return NotRegistered(name);
  absl::StatusOr<std::shared_ptr<NodeHandle>> handle = nodes_.Look(name);
  if (!handle.ok()) co_return handle.status();
  // Looked at first, so that nothing can change between the check and the record.
  const NodeView view = co_await ObserveNode(*handle);
  absl::Status removable = CheckRemoval(view, journal_.applications(), journal_.migrations());
  if (!removable.ok()) co_return removable;
  Change change;
  change.removed_nodes.push_back(name);
  co_await journal_.Commit(std::move(change));
  nodes_.Remove(name);
  co_return absl::OkStatus();
}

}  // namespace drover::coordinator
