// Durations as programs get them.
#ifndef DROVER_CLI_RENDER_MILLISECONDS_H_
#define DROVER_CLI_RENDER_MILLISECONDS_H_

#include <google/protobuf/duration.pb.h>

#include "absl/time/time.h"
#include "cli/render/document.h"
#include "services/common/time/proto_time.h"

namespace drover::cli {

// To the nearest.
inline Document Milliseconds(const google::protobuf::Duration& duration) {
  return Document::Number(
      absl::ToInt64Milliseconds(DurationOf(duration) + absl::Microseconds(500)));
}

// Null if there is none.
inline Document MillisecondsOrNull(bool is_set, const google::protobuf::Duration& duration) {
  return is_set ? Milliseconds(duration) : Document();
}

}  // namespace drover::cli

#endif  // DROVER_CLI_RENDER_MILLISECONDS_H_
