// The revocations that are in force for a folder of certificates: its ca.crl, as an operator copies
// it there from the authority.
#ifndef DROVER_SERVICES_COMMON_TLS_REVOCATION_LIST_H_
#define DROVER_SERVICES_COMMON_TLS_REVOCATION_LIST_H_

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/common/time/clock.h"
#include "services/common/tls/crl.h"

namespace drover {

// Follows the file, while it is asked: at most a second late. Without a file nothing is revoked. An
// authority's list only grows: what one lacks that was in force before stays revoked. Thread-safe.
class RevocationList {
 public:
  // Told once for each change of the files that leaves them unusable, or without something that was
  // revoked: what was in force stays so.
  using OnProblem = std::function<void(const absl::Status&)>;

  // FAILED_PRECONDITION if the folder's ca.crl is damaged, unreadable, or not of its ca.crt.
  // `clock` outlives the list.
  static absl::StatusOr<std::shared_ptr<RevocationList>> Open(std::string folder,
                                                              const Clock& clock,
                                                              OnProblem on_problem);

  // UNAUTHENTICATED if `certificate_pem`, which ca.crt is known to have signed, is revoked, or has
  // expired since it was shown. `whose` begins the sentence: "the caller's".
  absl::Status Check(absl::string_view certificate_pem, absl::string_view whose);

 private:
  RevocationList(std::string folder, const Clock& clock, OnProblem on_problem);

  // What is asked of a certificate.
  struct Facts {
    std::string serial;
    std::string holder;  // "user/ann".
    absl::Time expire_time;
  };
  // Nothing if it cannot be read.
  std::optional<Facts> FactsOf(absl::string_view certificate_pem);

  std::shared_ptr<const Crl> Current();
  // Takes over what the files say, if they have changed. mutex_ is held.
  absl::Status Reload();

  const std::string folder_;
  const Clock& clock_;
  const OnProblem on_problem_;
  std::mutex mutex_;  // Guards what follows.
  absl::Time read_time_ = absl::InfinitePast();
  // What was in the files then.
  std::string seen_;
  std::shared_ptr<const Crl> crl_ = std::make_shared<Crl>();
  // Whose that is; null if nobody has been in ca.crt yet.
  CertificatePtr authority_;
  // Of those that have called: OpenSSL takes 0.3 ms to read one.
  absl::flat_hash_map<std::string, Facts> known_;
};

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_TLS_REVOCATION_LIST_H_
