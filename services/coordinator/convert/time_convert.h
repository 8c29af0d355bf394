// Times and durations between Abseil and protobuf's well-known types.
#ifndef DROVER_SERVICES_COORDINATOR_CONVERT_TIME_CONVERT_H_
#define DROVER_SERVICES_COORDINATOR_CONVERT_TIME_CONVERT_H_

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include "absl/time/time.h"

namespace drover::coordinator {

google::protobuf::Duration ToProto(absl::Duration duration);
google::protobuf::Timestamp ToProto(absl::Time time);
absl::Duration FromProto(const google::protobuf::Duration& duration);
absl::Time FromProto(const google::protobuf::Timestamp& timestamp);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_CONVERT_TIME_CONVERT_H_
