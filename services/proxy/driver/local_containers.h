// The container service's view, in the proxy's words.
#ifndef DROVER_SERVICES_PROXY_DRIVER_LOCAL_CONTAINERS_H_
#define DROVER_SERVICES_PROXY_DRIVER_LOCAL_CONTAINERS_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <vector>

#include "drover/container/v1/container.pb.h"
#include "services/proxy/domain/resolve.h"

namespace drover::proxy {

// An address that is not IPv4 counts as none: nothing could be routed to it.
std::vector<LocalContainer> LocalContainersOf(
    const google::protobuf::RepeatedPtrField<container::v1::Container>& containers);

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_DRIVER_LOCAL_CONTAINERS_H_
