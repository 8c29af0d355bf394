#include "services/proxy/driver/local_containers.h"

namespace drover::proxy {

std::vector<LocalContainer> LocalContainersOf(
    const google::protobuf::RepeatedPtrField<container::v1::Container>& containers) {
  std::vector<LocalContainer> local;
  for (const container::v1::Container& container : containers) {
    LocalContainer& added = local.emplace_back();
    added.id = ContainerId(container.container_id());
    added.application = ApplicationName(container.application());
    added.opened = container.state() == container::v1::CONTAINER_STATE_STARTING ||
                   container.state() == container::v1::CONTAINER_STATE_READY;
    for (const common::v1::PortMapping& port : container.spec().ports()) {
      added.ports[port.external_port()] = port.internal_port();
    }
    absl::StatusOr<Ipv4Address> address = Ipv4Address::Parse(container.address());
    if (address.ok()) added.address = *address;
    // One whose gate has reported itself has an address, until it ends.
    added.unknown = !address.ok() && !container.container_id().empty() &&
                    container.state() != container::v1::CONTAINER_STATE_EXITED;
  }
  return local;
}

}  // namespace drover::proxy
