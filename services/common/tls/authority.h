// The cluster's certificate authority: a folder (authority_folder.h) from which certificates are
// issued.
//
// Every certificate has exactly one URI, which is its holder's identity:
//
//   spiffe://CLUSTER/coordinator    spiffe://CLUSTER/node/NAME    spiffe://CLUSTER/user/NAME
//   spiffe://CLUSTER/server/NAME    a server that is no part of Drover, such as an image registry
#ifndef DROVER_SERVICES_COMMON_TLS_AUTHORITY_H_
#define DROVER_SERVICES_COMMON_TLS_AUTHORITY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/tls/certificate_kind.h"

namespace drover {

struct CertificateRequest {
  CertificateKind kind = CertificateKind::kUser;
  // Of the node, user or server; must be empty for the coordinator.
  std::string name;
  // DNS names and IP addresses under which clients that know nothing of Drover look for a server.
  // At least one for kServer, none for the others.
  std::vector<std::string> sans;
};

// Makes a new authority for `cluster` (lower-case letters, digits, `-`, `.`) in `dir`, which is
// made if it is missing. Valid for ten years from `now`. ALREADY_EXISTS if the folder holds one:
// a second authority would lock every node out. Blocks.
absl::Status InitAuthority(const std::string& dir, const std::string& cluster, absl::Time now);

// Writes ca.crt, tls.crt and tls.key (mode 0600) for `request` into `out_dir`, signed by the
// authority in `authority_dir`, which records the certificate first; and what it has revoked, as
// ca.crl. Valid for two years from `now`. ALREADY_EXISTS if there is a certificate, a key or
// another authority's ca.crt there; FAILED_PRECONDITION if a ca.crl there has more than the
// authority's; INVALID_ARGUMENT for a bad name; UNAVAILABLE while another one is at work in
// `authority_dir`. Blocks.
absl::Status IssueCertificate(const std::string& authority_dir, const CertificateRequest& request,
                              const std::string& out_dir, absl::Time now);

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_TLS_AUTHORITY_H_
