// The files of a certificate authority:
//
//   ca.crt, ca.key      who it is
//   ca.crl              what it has revoked; there, if empty, before anything is issued
//   issued/SERIAL.crt   what it has issued
//
// An authority that an older version made has neither list nor records until it issues something;
// records that a person adds have other names.
#ifndef DROVER_SERVICES_COMMON_TLS_AUTHORITY_FOLDER_H_
#define DROVER_SERVICES_COMMON_TLS_AUTHORITY_FOLDER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/file/unique_fd.h"
#include "services/common/tls/crl.h"
#include "services/common/tls/x509.h"

namespace drover {

struct Authority {
  std::string dir;
  std::string cluster;
  std::string certificate_pem;
  CertificatePtr certificate;
  KeyPtr key;
};

// NOT_FOUND if there is none, FAILED_PRECONDITION if only its key cannot be read. Blocks, as all of
// these do.
absl::StatusOr<Authority> LoadAuthority(const std::string& dir);
// What is enough to look at its files: `key` is null. It may be kept elsewhere.
absl::StatusOr<Authority> LoadAuthorityWithoutKey(const std::string& dir);

// Until what is answered closes: nobody else issues or revokes with the authority in `dir`.
// UNAVAILABLE, at once, while somebody else may.
absl::StatusOr<UniqueFd> LockAuthority(const std::string& dir);

// Makes `dir` if it is missing, for its owner alone.
absl::Status MakePrivateFolder(const std::string& dir);

// Where certificates are recorded.
std::string IssuedFolder(const std::string& authority_dir);
// Durable when it returns.
absl::Status RecordIssued(const Authority& authority, X509* certificate);
// All that are recorded, in no order. INVALID_ARGUMENT if one is not the authority's.
absl::StatusOr<std::vector<CertificatePtr>> LoadIssued(const Authority& authority);

// Of an authority that has none yet both are empty.
struct StoredCrl {
  std::string pem;
  Crl crl;
};
std::string CrlPath(const std::string& authority_dir);
// FAILED_PRECONDITION if it cannot be used, or was lost: a new one would reinstate whoever is on
// it.
absl::StatusOr<StoredCrl> LoadCrl(const Authority& authority);
// Signs `stored.crl` at `now` as `stored.pem`. Durable when it returns.
absl::Status StoreCrl(const Authority& authority, StoredCrl& stored, absl::Time now);

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_TLS_AUTHORITY_FOLDER_H_
