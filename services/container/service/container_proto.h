// The driver's applications as the API's containers.
#ifndef DROVER_SERVICES_CONTAINER_SERVICE_CONTAINER_PROTO_H_
#define DROVER_SERVICES_CONTAINER_SERVICE_CONTAINER_PROTO_H_

#include <string>

#include "drover/container/v1/container.pb.h"
#include "services/container/driver/application.h"

namespace drover::container {

v1::Container ToProto(const Application& application, const std::string& node);

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_SERVICE_CONTAINER_PROTO_H_
