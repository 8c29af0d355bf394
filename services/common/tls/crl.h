// A certificate revocation list: which certificates of an authority are not to be accepted any
// more. On disk an X.509 v2 CRL, as other programs read it, too.
#ifndef DROVER_SERVICES_COMMON_TLS_CRL_H_
#define DROVER_SERVICES_COMMON_TLS_CRL_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/common/tls/x509.h"

namespace drover {

struct Crl {
  // Rises with each list of an authority.
  int64_t number = 0;
  // Since when, by the certificates' serial numbers (SerialText).
  std::map<std::string, absl::Time> revoked;
};

// INVALID_ARGUMENT if `pem` is no such list, or not signed by `authority`. A list is in force
// whatever its dates are: the machines' clocks may differ, and an old list is better than none.
absl::StatusOr<Crl> ReadCrl(absl::string_view pem, X509* authority);

// As PEM, signed at `now`.
absl::StatusOr<std::string> SignCrl(const Crl& crl, X509* authority, EVP_PKEY* key, absl::Time now);

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_TLS_CRL_H_
