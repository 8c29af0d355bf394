// Calls that a move and an operation in place have in common, with the requests filled in.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_NODE_OPERATIONS_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_NODE_OPERATIONS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/async/task.h"
#include "services/common/time/clock.h"
#include "services/coordinator/domain/application_spec.h"
#include "services/coordinator/orchestrator/journal.h"
#include "services/coordinator/orchestrator/node_directory.h"

namespace drover::coordinator {

// A start of a container, as the other calls name it.
struct StartedContainer {
  StartId start_id;
  ContainerId container_id;
};

struct WantedImage {
  // Which application is to run it.
  ApplicationName application;
  std::string name;
  // Asked first, then all other nodes.
  NodeName prefer;
  // If not empty: this very image, for which peers come before any registry.
  std::string digest;
  // Where the application's volumes will be, if they change: the image must fit them.
  std::vector<std::string> mountpoints;
};

// How far the way of an image to a node is, in the node's words: "pulling redis:7".
struct ImageProgress {
  std::string activity;
  int64_t done_bytes = 0;
  int64_t total_bytes = 0;  // 0 if it is not known.
};

// Not thread-safe.
class NodeOperations {
 public:
  NodeOperations(Journal& journal, const NodeDirectory& nodes, const Clock& clock)
      : journal_(journal), nodes_(nodes), clock_(clock) {}

  // Makes the image present on `node`. NOT_FOUND says where it was looked for.
  Task<absl::Status> EnsureImage(NodeName node, WantedImage image);
  // While that is under way for the application and the node has said something of it; else null.
  // Watchers of the journal are told of its progress, twice a second at most.
  const ImageProgress* FindImageProgress(const ApplicationName& application) const;

  // Runs the application on `node`, where its volumes are; one that runs with another configuration
  // is stopped first, one that runs with this one is left alone. So it can be repeated.
  Task<absl::StatusOr<StartedContainer>> Start(NodeName node, ApplicationSpec spec,
                                               Generation generation);

  // The application's container on `node`; nothing if there is none.
  Task<absl::StatusOr<std::optional<container::v1::Container>>> FindContainer(
      NodeName node, ApplicationName application);

  // FAILED_PRECONDITION with the reason in words if the application ended or did not get ready in
  // its time; transient errors are the node's.
  Task<absl::Status> AwaitReady(NodeName node, ApplicationSpec spec, StartId start_id);

  // Stops and removes the container. `generation` 0 = any.
  Task<absl::Status> RemoveContainer(NodeName node, ApplicationSpec spec, Generation generation);

 private:
  struct ImageOnItsWay {
    ImageProgress progress;
    absl::Time told = absl::InfinitePast();
  };
  void OnImageProgress(const ApplicationName& application,
                       const container::v1::EnsureImageResponse& response);

  Journal& journal_;
  const NodeDirectory& nodes_;
  const Clock& clock_;
  std::map<ApplicationName, ImageOnItsWay> images_;
};

// For calls that change little and wait for nobody.
inline constexpr absl::Duration kCallDeadline = absl::Seconds(30);

// How long a call may take that stops the application.
absl::Duration StopDeadline(const ApplicationSpec& spec);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_NODE_OPERATIONS_H_
