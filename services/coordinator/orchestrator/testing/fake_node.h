// A node in memory, behind the three fake clients: enough of its services' rules to see whether a
// move or an operation leaves it as it should be.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_TESTING_FAKE_NODE_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_TESTING_FAKE_NODE_H_

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "drover/common/v1/fence.pb.h"
#include "services/container/client/fake_container_client.h"
#include "services/coordinator/orchestrator/node_directory.h"
#include "services/proxy/client/fake_proxy_client.h"
#include "services/volume/client/fake_volume_client.h"

namespace drover::coordinator {

// What outlives a coordinator: groups, containers, routes. The clients of each new coordinator are
// made over it by Connect().
class FakeNode {
 public:
  FakeNode(std::string name, std::string address);

  std::shared_ptr<NodeHandle> Connect();

  // Calls, in order, without those that only look: `Seal`, `Activate`, …
  std::vector<std::string> calls;
  // Asked before each call; an error is answered instead of carrying it out.
  std::function<absl::Status(const std::string& call)> before;
  // Asked after each call; an error is answered although it was carried out: the answer was lost.
  std::function<absl::Status(const std::string& call)> after;

  // Calls that hang, until they are cancelled: of `AbortMigration` and `EnsureImage`.
  std::set<std::string> hangs;
  // How many hang right now.
  int hanging = 0;
  // What it says of an image before it has it, or hangs; in order.
  std::vector<container::v1::EnsureImageResponse> image_progress;

  // The newest coordinator that it has obeyed; older ones are refused.
  common::v1::Fence obeyed;

  std::string name;
  std::string address;
  std::map<std::string, volume::v1::VolumeGroup> groups;
  std::map<std::string, container::v1::Container> containers;
  // Of the image that was asked for last.
  std::string required_digest;
  std::vector<std::string> mountpoints;
  proxy::v1::ApplyRoutesRequest routes;
  std::map<std::string, std::vector<int>> holds;
  // Of the image of each container that it makes.
  std::vector<std::string> unkept_paths;
  // External ports on which something else listens.
  std::vector<int> taken_ports;
  // The snapshots that its volumes were put back to, in order.
  std::vector<std::string> rolled_back;
  // What PushRound answers for each round of a migration, the final one (0) included.
  std::function<volume::v1::PushResult(int round)> push;
  // Applications that exit after their start.
  std::function<bool(const std::string& application)> exits;

 private:
  absl::Status Obey(const common::v1::Fence& fence);
  template <class Response, class Request>
  std::function<absl::StatusOr<Response>(const Request&)> Answer(
      std::string call, std::function<absl::StatusOr<Response>(const Request&)> body);
  void WireVolume(volume::FakeVolumeClient& client);
  void WireContainer(container::FakeContainerClient& client);
  void WireProxy(proxy::FakeProxyClient& client);

  // The group, if it is locked by the key's migration or not at all.
  absl::StatusOr<volume::v1::VolumeGroup*> Locked(const volume::v1::MigrationKey& key);
  absl::StatusOr<container::v1::Container> Make(const drover::common::v1::ApplicationSpec& spec,
                                                int64_t generation, const std::string& hash,
                                                container::v1::ContainerState state);
  int starts_ = 0;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_TESTING_FAKE_NODE_H_
