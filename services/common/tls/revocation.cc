#include "services/common/tls/revocation.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"
#include "services/common/tls/authority_folder.h"

namespace drover {
namespace {

IssuedCertificate Describe(X509* certificate, const Crl& crl, absl::Time now) {
  IssuedCertificate issued;
  issued.serial = SerialText(X509_get0_serialNumber(certificate));
  issued.identity = UriOf(certificate);
  issued.expire_time = TimeOfAsn1(X509_get0_notAfter(certificate));
  if (auto revoked = crl.revoked.find(issued.serial); revoked != crl.revoked.end()) {
    issued.state = CertificateState::kRevoked;
    issued.revoke_time = revoked->second;
  } else if (issued.expire_time < now) {
    issued.state = CertificateState::kExpired;
  }
  return issued;
}

absl::StatusOr<std::vector<IssuedCertificate>> DescribeAll(const Authority& authority,
                                                           const Crl& crl, absl::Time now) {
  DROVER_ASSIGN_OR_RETURN(std::vector<CertificatePtr> certificates, LoadIssued(authority));
  std::vector<IssuedCertificate> issued;
  for (const CertificatePtr& certificate : certificates) {
    issued.push_back(Describe(certificate.get(), crl, now));
  }
  std::sort(issued.begin(), issued.end(),
            [](const IssuedCertificate& a, const IssuedCertificate& b) {
              return std::tie(a.identity, a.expire_time, a.serial) <
                     std::tie(b.identity, b.expire_time, b.serial);
            });
  // A person may have recorded one under two names.
  auto is_same = [](const auto& a, const auto& b) { return a.serial == b.serial; };
  issued.erase(std::unique(issued.begin(), issued.end(), is_same), issued.end());
  return issued;
}

// What the request means: at least one.
absl::StatusOr<std::vector<IssuedCertificate>> Select(std::vector<IssuedCertificate> issued,
                                                      const std::string& identity,
                                                      const std::string& serial,
                                                      const Authority& authority) {
  std::erase_if(issued, [&](const IssuedCertificate& one) { return one.identity != identity; });
  if (issued.empty()) {
    return absl::NotFoundError(absl::StrCat(
        "no certificate of ", identity, " is recorded; `drover ca list --dir ", authority.dir,
        "` shows what is, and one that an older version issued is added by copying its tls.crt to ",
        IssuedFolder(authority.dir), "/NAME.crt"));
  }
  if (serial.empty()) return issued;
  const std::string wanted = absl::AsciiStrToUpper(serial);
  std::erase_if(issued, [&](const IssuedCertificate& one) { return one.serial != wanted; });
  if (issued.empty()) {
    return absl::NotFoundError(
        absl::StrCat("no certificate of ", identity, " has the serial number ", wanted,
                     "; `drover ca list --dir ", authority.dir, "` shows those that are recorded"));
  }
  return issued;
}

// Revokes those that are not revoked yet; answers their serial numbers. Also what has expired: by
// another machine's clock it may be valid.
std::vector<std::string> MarkRevoked(std::vector<IssuedCertificate>& certificates, Crl& crl,
                                     absl::Time now) {
  // As a list can say it: to the second.
  const absl::Time time = absl::FromTimeT(absl::ToTimeT(now));
  std::vector<std::string> newly_revoked;
  for (IssuedCertificate& one : certificates) {
    if (one.state == CertificateState::kRevoked) continue;
    one.state = CertificateState::kRevoked;
    one.revoke_time = time;
    crl.revoked.emplace(one.serial, time);
    newly_revoked.push_back(one.serial);
  }
  return newly_revoked;
}

}  // namespace

absl::StatusOr<std::vector<IssuedCertificate>> ListCertificates(const std::string& authority_dir,
                                                                absl::Time now) {
  DROVER_ASSIGN_OR_RETURN(Authority authority, LoadAuthorityWithoutKey(authority_dir));
  DROVER_ASSIGN_OR_RETURN(StoredCrl stored, LoadCrl(authority));
  return DescribeAll(authority, stored.crl, now);
}

absl::StatusOr<Revocation> RevokeCertificates(const std::string& authority_dir,
                                              const RevocationRequest& request, absl::Time now) {
  DROVER_ASSIGN_OR_RETURN(Authority authority, LoadAuthority(authority_dir));
  // Of two at a time, the later list would lack what the earlier one revoked.
  DROVER_ASSIGN_OR_RETURN(UniqueFd lock, LockAuthority(authority_dir));
  DROVER_ASSIGN_OR_RETURN(StoredCrl stored, LoadCrl(authority));
  DROVER_ASSIGN_OR_RETURN(std::vector<IssuedCertificate> issued,
                          DescribeAll(authority, stored.crl, now));
  Revocation result;
  result.identity =
      absl::StrCat("spiffe://", authority.cluster, "/", HolderPath(request.kind, request.name));
  DROVER_ASSIGN_OR_RETURN(result.certificates,
                          Select(std::move(issued), result.identity, request.serial, authority));
  result.newly_revoked = MarkRevoked(result.certificates, stored.crl, now);
  if (result.newly_revoked.empty()) return result;
  ++stored.crl.number;
  DROVER_RETURN_IF_ERROR(StoreCrl(authority, stored, now));
  return result;
}

}  // namespace drover
