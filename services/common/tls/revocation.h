// What an authority has issued, and taking it back.
#ifndef DROVER_SERVICES_COMMON_TLS_REVOCATION_H_
#define DROVER_SERVICES_COMMON_TLS_REVOCATION_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/tls/certificate_kind.h"

namespace drover {

// A revoked certificate stays so when it has expired.
enum class CertificateState { kValid, kExpired, kRevoked };

struct IssuedCertificate {
  std::string serial;
  // spiffe://CLUSTER/…
  std::string identity;
  absl::Time expire_time;
  CertificateState state = CertificateState::kValid;
  std::optional<absl::Time> revoke_time;
};

// All that the authority in `authority_dir` has recorded, by identity; of one identity by the end
// of its validity. Needs no key. Blocks.
absl::StatusOr<std::vector<IssuedCertificate>> ListCertificates(const std::string& authority_dir,
                                                                absl::Time now);

struct RevocationRequest {
  CertificateKind kind = CertificateKind::kUser;
  // Empty for the coordinator.
  std::string name;
  // The one that is meant, of several of that identity; empty: all of them.
  std::string serial;
};

struct Revocation {
  std::string identity;
  // The serial numbers of what was not revoked before.
  std::vector<std::string> newly_revoked;
  // What is meant and revoked now, whenever that was.
  std::vector<IssuedCertificate> certificates;
};

// Revokes what is meant, and signs the authority's new ca.crl: all or nothing, and durable when it
// returns. NOT_FOUND if nothing of that name, or serial number, is recorded; UNAVAILABLE while
// another one is at work there. Blocks.
absl::StatusOr<Revocation> RevokeCertificates(const std::string& authority_dir,
                                              const RevocationRequest& request, absl::Time now);

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_TLS_REVOCATION_H_
