// The model as the coordinator's messages.
#ifndef DROVER_SERVICES_CONFIG_MODEL_TO_PROTO_H_
#define DROVER_SERVICES_CONFIG_MODEL_TO_PROTO_H_

#include "drover/common/v1/application.pb.h"
#include "drover/coordinator/v1/deployment.pb.h"
#include "services/config/model/application.h"
#include "services/config/model/deployment.h"

namespace drover::config {

common::v1::ApplicationSpec ToProto(const Application& application);
coordinator::v1::DesiredState ToProto(const Configuration& configuration);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_MODEL_TO_PROTO_H_
