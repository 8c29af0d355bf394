// The registered nodes and how to call them.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_NODE_DIRECTORY_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_NODE_DIRECTORY_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/ids/ids.h"
#include "services/container/client/container_client.h"
#include "services/proxy/client/proxy_client.h"
#include "services/volume/client/volume_client.h"

namespace drover::coordinator {

// On every node.
inline constexpr int kVolumePort = 7401;
inline constexpr int kContainerPort = 7402;
inline constexpr int kProxyPort = 7403;

// One node's three services. Its certificate has to carry the node's name.
struct NodeHandle {
  NodeName name;
  std::string address;
  std::unique_ptr<volume::VolumeClient> volume;
  std::unique_ptr<container::ContainerClient> container;
  std::unique_ptr<proxy::ProxyClient> proxy;

  // Services that have answered over these connections, and whether one of them was silent when it
  // was looked at last.
  struct {
    bool volume = false;
    bool container = false;
    bool proxy = false;
  } answered;
  bool fell_silent = false;

  // What it has obeyed was compared with our journal (FirstContact): before that it is told
  // nothing.
  bool is_compared = false;
  // Its proxy alone: it may be there while the other services are not.
  bool is_proxy_compared = false;

  std::string volume_address() const;
  std::string container_address() const;
};

// Makes handles; connecting happens with the first call.
class NodeConnector {
 public:
  virtual ~NodeConnector() = default;
  virtual std::shared_ptr<NodeHandle> Connect(const NodeName& name, const std::string& address) = 0;
};

// One handle per registered node, kept for as long as its address stays and it answers. A coroutine
// that calls a node keeps its handle, so a node can be removed or renewed meanwhile. Not
// thread-safe.
class NodeDirectory {
 public:
  explicit NodeDirectory(NodeConnector& connector) : connector_(connector) {}

  // A handle that is not in the directory, to look at a node before it is registered.
  std::shared_ptr<NodeHandle> Connect(const NodeName& name, const std::string& address) {
    return connector_.Connect(name, address);
  }
  void Put(std::shared_ptr<NodeHandle> node) { nodes_[node->name] = std::move(node); }
  void Remove(const NodeName& name) { nodes_.erase(name); }
  // New connections for the callers to come, if `node` is still the one in the directory. TCP
  // repeats what was lost on an old one ever more rarely: a node that was cut off for long would be
  // taken for absent about as long again.
  void Renew(const std::shared_ptr<NodeHandle>& node);

  // For calls that change something. UNAVAILABLE, like a node that does not answer, if it is not
  // registered, or not compared yet.
  absl::StatusOr<std::shared_ptr<NodeHandle>> Find(const NodeName& name) const;
  // Those whose routes may be changed.
  std::vector<std::shared_ptr<NodeHandle>> Routable() const;

  // To look at. UNAVAILABLE if it is not registered.
  absl::StatusOr<std::shared_ptr<NodeHandle>> Look(const NodeName& name) const;
  std::vector<std::shared_ptr<NodeHandle>> All() const;

 private:
  NodeConnector& connector_;
  std::map<NodeName, std::shared_ptr<NodeHandle>> nodes_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_NODE_DIRECTORY_H_
