// Snapshots, for programs and for people.
#ifndef DROVER_CLI_RENDER_SNAPSHOT_VIEW_H_
#define DROVER_CLI_RENDER_SNAPSHOT_VIEW_H_

#include <string>

#include "cli/render/document.h"
#include "cli/render/style.h"
#include "drover/coordinator/v1/coordinator_service.pb.h"

namespace drover::cli {

using SnapshotList = google::protobuf::RepeatedPtrField<coordinator::v1::VolumeSnapshot>;

Document SnapshotListDocument(const SnapshotList& snapshots);  // A list.
Document SnapshotsDocument(const coordinator::v1::ListSnapshotsResponse& response);

// A table, or a sentence where there is none; and who was not asked.
std::string SnapshotsText(const coordinator::v1::ListSnapshotsResponse& response,
                          const Style& style);

}  // namespace drover::cli

#endif  // DROVER_CLI_RENDER_SNAPSHOT_VIEW_H_
