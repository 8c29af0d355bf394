// ApplicationSpec between the domain and the wire.
#ifndef DROVER_SERVICES_COORDINATOR_CONVERT_SPEC_CONVERT_H_
#define DROVER_SERVICES_COORDINATOR_CONVERT_SPEC_CONVERT_H_

#include "drover/common/v1/application.pb.h"
#include "services/coordinator/domain/application_spec.h"

namespace drover::coordinator {

drover::common::v1::ApplicationSpec ToProto(const ApplicationSpec& spec);
ApplicationSpec FromProto(const drover::common::v1::ApplicationSpec& proto);

drover::common::v1::VolumeSpec ToProto(const VolumeSpec& volume);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_CONVERT_SPEC_CONVERT_H_
