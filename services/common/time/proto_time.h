// Times and durations between Abseil and protobuf's well-known types, to the nanosecond.
#ifndef DROVER_SERVICES_COMMON_TIME_PROTO_TIME_H_
#define DROVER_SERVICES_COMMON_TIME_PROTO_TIME_H_

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include "absl/time/time.h"

namespace drover {

google::protobuf::Duration ProtoOf(absl::Duration duration);
google::protobuf::Timestamp ProtoOf(absl::Time time);
absl::Duration DurationOf(const google::protobuf::Duration& proto);
absl::Time TimeOf(const google::protobuf::Timestamp& proto);

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_TIME_PROTO_TIME_H_
