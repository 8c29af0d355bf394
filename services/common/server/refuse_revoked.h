// Refuses callers whose certificate is revoked or has expired.
#ifndef DROVER_SERVICES_COMMON_SERVER_REFUSE_REVOKED_H_
#define DROVER_SERVICES_COMMON_SERVER_REFUSE_REVOKED_H_

#include <memory>

#include "services/common/async/caller.h"
#include "services/common/tls/revocation_list.h"

namespace drover {

// Whom `authenticate` lets in, unless their certificate is revoked or has expired when they call: a
// connection is older than that.
Authenticate RefuseRevoked(Authenticate authenticate, std::shared_ptr<RevocationList> revocations);

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_SERVER_REFUSE_REVOKED_H_
