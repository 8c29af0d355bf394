// The history of cut-overs, read from the journal of moves: no second record of it is kept.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_CUTOVER_HISTORY_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_CUTOVER_HISTORY_H_

#include <vector>

#include "services/coordinator/domain/migration_record.h"
#include "services/coordinator/domain/prediction.h"

namespace drover::coordinator {

// Of the newest 20 moves of `application`, and over the link from `source` to `destination`; if
// nothing was moved over that link, over all links. Only moves whose application got ready and was
// routed count: others say nothing of an interruption. `journal` is oldest first.
CutoverHistory HistoryOf(const std::vector<const MigrationRecord*>& journal,
                         const ApplicationName& application, const NodeName& source,
                         const NodeName& destination);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_CUTOVER_HISTORY_H_
