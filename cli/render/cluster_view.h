// Nodes, applications, volumes and routes, for programs and for people.
#ifndef DROVER_CLI_RENDER_CLUSTER_VIEW_H_
#define DROVER_CLI_RENDER_CLUSTER_VIEW_H_

#include <string>

#include "cli/render/document.h"
#include "cli/render/style.h"
#include "drover/coordinator/v1/cluster.pb.h"
#include "drover/coordinator/v1/coordinator_service.pb.h"

namespace drover::cli {

using NodeList = google::protobuf::RepeatedPtrField<coordinator::v1::Node>;
using VolumeList = google::protobuf::RepeatedPtrField<coordinator::v1::ClusterVolume>;

Document NodeDocument(const coordinator::v1::Node& node);
Document NodeListDocument(const NodeList& nodes);        // A list.
Document VolumeListDocument(const VolumeList& volumes);  // A list.
Document StatusDocument(const coordinator::v1::ClusterStatus& status);
Document RoutesDocument(const coordinator::v1::ListRoutesResponse& routes);

// Tables, or a sentence where there is nothing to show.
std::string NodesTable(const NodeList& nodes, const Style& style);
std::string VolumesTable(const VolumeList& volumes, const Style& style);
std::string StatusText(const coordinator::v1::ClusterStatus& status, const Style& style);
std::string RoutesTable(const coordinator::v1::ListRoutesResponse& routes, const Style& style);

}  // namespace drover::cli

#endif  // DROVER_CLI_RENDER_CLUSTER_VIEW_H_
