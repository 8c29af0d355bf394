// What is said of an image that is on its way to a node.
#ifndef DROVER_SERVICES_COORDINATOR_SERVICE_IMAGE_PROGRESS_H_
#define DROVER_SERVICES_COORDINATOR_SERVICE_IMAGE_PROGRESS_H_

#include "services/coordinator/orchestrator/node_operations.h"

namespace drover::coordinator {

// Into an action or a migration. `progress` null: there is nothing to say.
template <class Message>
void SetProgress(const ImageProgress* progress, Message& message) {
  if (progress == nullptr) return;
  message.set_activity(progress->activity);
  message.set_progress_bytes(progress->done_bytes);
  message.set_progress_total_bytes(progress->total_bytes);
}

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_SERVICE_IMAGE_PROGRESS_H_
