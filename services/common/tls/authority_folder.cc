#include "services/common/tls/authority_folder.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/status_macros.h"

namespace drover {
namespace {

namespace fs = std::filesystem;

bool IsIssuedBy(const Authority& authority, X509* certificate) {
  const bool is_issued =
      X509_verify(certificate, X509_get0_pubkey(authority.certificate.get())) == 1;
  ERR_clear_error();
  return is_issued;
}

// So that a folder that was just made in `dir` is there after a power cut, too.
absl::Status Sync(const std::string& dir) {
  UniqueFd folder(open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.valid() && fsync(folder.get()) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot sync ", dir));
}

absl::StatusOr<CertificatePtr> LoadRecord(const Authority& authority, const std::string& path) {
  DROVER_ASSIGN_OR_RETURN(std::string pem, ReadFile(path));
  CertificatePtr certificate = CertificateFromPem(pem);
  if (certificate == nullptr || !IsIssuedBy(authority, certificate.get())) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is no certificate of the authority in ",
                                                   authority.dir, "; take it away"));
  }
  return certificate;
}

std::string RecordPath(const Authority& authority, X509* certificate) {
  return absl::StrCat(IssuedFolder(authority.dir), "/",
                      SerialText(X509_get0_serialNumber(certificate)), ".crt");
}

// OK if the authority has not begun a list yet.
absl::Status RefuseLostCrl(const Authority& authority) {
  DROVER_ASSIGN_OR_RETURN(std::vector<CertificatePtr> issued, LoadIssued(authority));
  std::error_code ignored;
  for (const CertificatePtr& certificate : issued) {
    if (!fs::exists(RecordPath(authority, certificate.get()), ignored)) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        CrlPath(authority.dir),
        " is missing; bring back the last one, which is beside ca.crt on the machines"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Authority> LoadAuthorityWithoutKey(const std::string& dir) {
  auto certificate = ReadFile(dir + "/ca.crt");
  if (absl::IsNotFound(certificate.status())) {
    return absl::NotFoundError(absl::StrCat("no certificate authority in ", dir, " (",
                                            certificate.status().message(),
                                            "); make one with `drover ca init --cluster CLUSTER`"));
  }
  if (!certificate.ok()) return certificate.status();
  Authority authority;
  authority.dir = dir;
  authority.certificate_pem = *std::move(certificate);
  authority.certificate = CertificateFromPem(authority.certificate_pem);
  if (authority.certificate == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(dir, "/ca.crt is no PEM certificate"));
  }
  constexpr absl::string_view kScheme = "spiffe://";
  const std::string uri = UriOf(authority.certificate.get());
  if (!absl::StartsWith(uri, kScheme)) {
    return absl::InvalidArgumentError(
        absl::StrCat(dir, "/ca.crt names no cluster: it was not made by `drover ca init`"));
  }
  authority.cluster = uri.substr(kScheme.size());
  return authority;
}

absl::StatusOr<Authority> LoadAuthority(const std::string& dir) {
  DROVER_ASSIGN_OR_RETURN(Authority authority, LoadAuthorityWithoutKey(dir));
  auto key = ReadFile(dir + "/ca.key");
  if (!key.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the key of the authority in ", dir, " cannot be read (", key.status().message(),
        "); certificates are issued and revoked where it is, by its owner"));
  }
  authority.key = KeyFromPem(*key);
  if (authority.key == nullptr ||
      X509_check_private_key(authority.certificate.get(), authority.key.get()) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError(
        absl::StrCat(dir, "/ca.crt and ca.key are not a certificate and its key"));
  }
  return authority;
}

absl::StatusOr<UniqueFd> LockAuthority(const std::string& dir) {
  UniqueFd folder(open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.valid() && flock(folder.get(), LOCK_EX | LOCK_NB) == 0) return folder;
  if (errno == EWOULDBLOCK) {
    return absl::UnavailableError(absl::StrCat("another `drover ca` is at work in ", dir,
                                               "; run the command again when it has ended"));
  }
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot lock ", dir));
}

absl::Status MakePrivateFolder(const std::string& dir) {
  std::error_code error;
  const bool made = fs::create_directories(dir, error);
  if (error) {
    return absl::InternalError(absl::StrCat("cannot make the folder ", dir, ": ", error.message()));
  }
  if (made) fs::permissions(dir, fs::perms::owner_all, error);
  return absl::OkStatus();
}

std::string IssuedFolder(const std::string& authority_dir) { return authority_dir + "/issued"; }

absl::Status RecordIssued(const Authority& authority, X509* certificate) {
  DROVER_ASSIGN_OR_RETURN(std::string pem, PemOf(certificate));
  DROVER_RETURN_IF_ERROR(MakePrivateFolder(IssuedFolder(authority.dir)));
  DROVER_RETURN_IF_ERROR(Sync(authority.dir));
  return WriteFileDurably(RecordPath(authority, certificate), pem);
}

absl::StatusOr<std::vector<CertificatePtr>> LoadIssued(const Authority& authority) {
  const std::string folder = IssuedFolder(authority.dir);
  std::vector<CertificatePtr> issued;
  std::error_code error;
  fs::directory_iterator file(folder, error);
  if (error == std::errc::no_such_file_or_directory) return issued;
  for (; !error && file != fs::directory_iterator(); file.increment(error)) {
    if (file->path().extension() != ".crt") continue;
    DROVER_ASSIGN_OR_RETURN(CertificatePtr certificate, LoadRecord(authority, file->path()));
    issued.push_back(std::move(certificate));
  }
  if (error) return absl::PermissionDeniedError(absl::StrCat(folder, ": ", error.message()));
  return issued;
}

std::string CrlPath(const std::string& authority_dir) { return authority_dir + "/ca.crl"; }

absl::StatusOr<StoredCrl> LoadCrl(const Authority& authority) {
  StoredCrl stored;
  const std::string path = CrlPath(authority.dir);
  absl::StatusOr<std::string> pem = ReadFile(path);
  if (absl::IsNotFound(pem.status())) {
    DROVER_RETURN_IF_ERROR(RefuseLostCrl(authority));
    return stored;
  }
  if (!pem.ok()) return pem.status();
  absl::StatusOr<Crl> crl = ReadCrl(*pem, authority.certificate.get());
  if (!crl.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " cannot be used: ", crl.status().message(),
                     "; bring back the last one, which is beside ca.crt on the machines"));
  }
  stored.pem = *std::move(pem);
  stored.crl = *std::move(crl);
  return stored;
}

absl::Status StoreCrl(const Authority& authority, StoredCrl& stored, absl::Time now) {
  DROVER_ASSIGN_OR_RETURN(
      stored.pem, SignCrl(stored.crl, authority.certificate.get(), authority.key.get(), now));
  return WriteFileDurably(CrlPath(authority.dir), stored.pem);
}

}  // namespace drover
