// What a certificate of the cluster is for.
#ifndef DROVER_SERVICES_COMMON_TLS_CERTIFICATE_KIND_H_
#define DROVER_SERVICES_COMMON_TLS_CERTIFICATE_KIND_H_

#include <string>

namespace drover {

enum class CertificateKind { kCoordinator, kNode, kUser, kServer };

// What stands behind spiffe://CLUSTER/ in the holder's identity: "coordinator", "node/NAME".
std::string HolderPath(CertificateKind kind, const std::string& name);

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_TLS_CERTIFICATE_KIND_H_
