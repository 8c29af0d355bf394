// Finds out whether our journal is the newest, before anybody is told anything by it.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_FIRST_CONTACT_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_FIRST_CONTACT_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/async/task.h"
#include "services/common/time/clock.h"
#include "services/coordinator/domain/cluster_view.h"
#include "services/coordinator/orchestrator/busy_applications.h"
#include "services/coordinator/orchestrator/journal.h"
#include "services/coordinator/orchestrator/node_directory.h"

namespace drover::coordinator {

// Compares what each node has obeyed with the journal, once per start of the coordinator: after
// that the node obeys us, and can know nothing newer that it would not refuse us by. If one knows
// more, the coordinator's store is an old copy: recovery mode, from that moment on. Not
// thread-safe.
class FirstContact {
 public:
  FirstContact(Journal& journal, const NodeDirectory& nodes, const BusyApplications& busy,
               const Clock& clock)
      : journal_(journal), nodes_(nodes), busy_(busy), clock_(clock), begin_(clock.Now()) {}

  // Asks each node that has not been compared yet, all at once.
  Task<void> MeetAll();

  // From now on what the journal holds is being carried out.
  void Resumed() { is_resumed_ = true; }

  // OK if a node may be told by our journal who owns what: no node is left that may know better, or
  // it was waited for long enough, since one that is dead must not keep all others from serving.
  // FAILED_PRECONDITION (RECOVERY_MODE), UNAVAILABLE.
  absl::Status CheckMayTellOwners() const;

  // Asks one. A service that does not answer is asked the next time.
  Task<void> Meet(std::shared_ptr<NodeHandle> node);

  // The same with what was seen of it already.
  Task<void> Compare(std::shared_ptr<NodeHandle> node, NodeView view);

 private:
  bool IsAnythingUnderWay() const;

  Journal& journal_;
  const NodeDirectory& nodes_;
  const BusyApplications& busy_;
  const Clock& clock_;
  const absl::Time begin_;
  bool is_resumed_ = false;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_FIRST_CONTACT_H_
