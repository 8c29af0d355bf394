#include "services/common/tls/revocation_list.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/status_macros.h"

namespace drover {
namespace {

constexpr absl::Duration kReadInterval = absl::Seconds(1);
// More than call in any cluster; of an authority that issues many more, they are read again.
constexpr size_t kMostKnown = 1000;

std::string TextOf(const absl::StatusOr<std::string>& file) {
  return file.ok() ? *file : file.status().ToString();
}

absl::StatusOr<CertificatePtr> ParseAuthority(const absl::StatusOr<std::string>& pem) {
  if (!pem.ok()) return pem.status();
  CertificatePtr authority = CertificateFromPem(*pem);
  if (authority == nullptr) return absl::InvalidArgumentError("its ca.crt is no PEM certificate");
  return authority;
}

absl::StatusOr<Crl> ParseList(const absl::StatusOr<std::string>& pem,
                              const absl::StatusOr<CertificatePtr>& authority) {
  if (absl::IsNotFound(pem.status())) return Crl();
  if (!pem.ok()) return pem.status();
  if (!authority.ok()) return authority.status();
  return ReadCrl(*pem, authority->get());
}

// Adds what `old` revokes and `crl` does not; says how many.
int AddMissing(const Crl& old, Crl& crl) {
  int missing = 0;
  for (const auto& entry : old.revoked) missing += crl.revoked.insert(entry).second;
  return missing;
}

// Of "spiffe://home/user/ann": "user/ann".
std::string HolderOf(X509* certificate) {
  const std::string uri = UriOf(certificate);
  const size_t cluster = std::string("spiffe://").size();
  const size_t slash = uri.find('/', cluster);
  return slash == std::string::npos ? uri : uri.substr(slash + 1);
}

}  // namespace

RevocationList::RevocationList(std::string folder, const Clock& clock, OnProblem on_problem)
    : folder_(std::move(folder)), clock_(clock), on_problem_(std::move(on_problem)) {}

absl::StatusOr<std::shared_ptr<RevocationList>> RevocationList::Open(std::string folder,
                                                                     const Clock& clock,
                                                                     OnProblem on_problem) {
  std::shared_ptr<RevocationList> list(
      new RevocationList(std::move(folder), clock, std::move(on_problem)));
  std::lock_guard<std::mutex> lock(list->mutex_);
  list->read_time_ = clock.Now();
  DROVER_RETURN_IF_ERROR(list->Reload());
  return list;
}

absl::Status RevocationList::Check(absl::string_view certificate_pem, absl::string_view whose) {
  const std::optional<Facts> facts = FactsOf(certificate_pem);
  if (!facts.has_value()) {
    return absl::UnauthenticatedError(absl::StrCat(whose, " certificate cannot be read"));
  }
  const bool is_revoked = Current()->revoked.contains(facts->serial);
  if (!is_revoked && clock_.Now() <= facts->expire_time) return absl::OkStatus();
  return absl::UnauthenticatedError(absl::StrCat(
      whose, " certificate (", facts->holder, ", serial ", facts->serial, ") ",
      is_revoked ? "is revoked" : "has expired", "; replace it by a new one of `drover ca issue ",
      absl::StrReplaceAll(facts->holder, {{"/", " "}}), "`",
      // By a connection that was made before: there may be a new one already.
      is_revoked ? "" : "; if that was done, a restart of what uses it is all that is missing"));
}

std::optional<RevocationList::Facts> RevocationList::FactsOf(absl::string_view certificate_pem) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (const auto known = known_.find(certificate_pem); known != known_.end()) return known->second;
  const CertificatePtr certificate = CertificateFromPem(certificate_pem);
  if (certificate == nullptr) return std::nullopt;
  if (known_.size() == kMostKnown) known_.clear();
  return known_
      .emplace(certificate_pem, Facts{SerialText(X509_get0_serialNumber(certificate.get())),
                                      HolderOf(certificate.get()),
                                      TimeOfAsn1(X509_get0_notAfter(certificate.get()))})
      .first->second;
}

std::shared_ptr<const Crl> RevocationList::Current() {
  std::lock_guard<std::mutex> lock(mutex_);
  const absl::Time now = clock_.Now();
  // Also if the time of day was set back.
  if (now < read_time_ || now >= read_time_ + kReadInterval) {
    read_time_ = now;
    if (absl::Status status = Reload(); !status.ok()) on_problem_(status);
  }
  return crl_;
}

absl::Status RevocationList::Reload() {
  const std::string path = folder_ + "/ca.crl";
  const absl::StatusOr<std::string> list_pem = ReadFile(path);
  const absl::StatusOr<std::string> authority_pem = ReadFile(folder_ + "/ca.crt");
  // By their content, since two changes within a tick of the kernel's clock have one time.
  std::string seen = absl::StrCat(TextOf(list_pem), "\n", TextOf(authority_pem));
  if (seen == seen_) return absl::OkStatus();
  seen_ = std::move(seen);
  absl::StatusOr<CertificatePtr> authority = ParseAuthority(authority_pem);
  absl::StatusOr<Crl> crl = ParseList(list_pem, authority);
  if (!crl.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " cannot be used: ", crl.status().message(),
                     "; copy it again from the folder of the authority"));
  }
  // Another authority's list begins anew.
  const bool is_other =
      authority.ok() && authority_ != nullptr && X509_cmp(authority->get(), authority_.get()) != 0;
  const int missing = is_other ? 0 : AddMissing(*crl_, *crl);
  crl_ = std::make_shared<const Crl>(*std::move(crl));
  if (authority.ok()) authority_ = *std::move(authority);
  if (missing == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      path, " no longer lists ", missing, " revoked certificate", missing == 1 ? "" : "s",
      "; before this service is restarted, copy the newest list of the authority there"));
}

}  // namespace drover
