#include "services/common/tls/authority.h"

#include <arpa/inet.h>
#include <openssl/rand.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/status_macros.h"
#include "services/common/tls/authority_folder.h"
#include "services/common/tls/x509.h"

namespace drover {
namespace {

constexpr absl::Duration kAuthorityValidity = absl::Hours(24 * 3653);
constexpr absl::Duration kLeafValidity = absl::Hours(24 * 731);
// Certificates are valid a little before they were made: the machines' clocks may differ.
constexpr absl::Duration kClockSkew = absl::Minutes(10);
constexpr int kSerialBytes = 16;
constexpr int kMaxNameLength = 63;

absl::Status CheckName(absl::string_view what, absl::string_view name, bool upper_case) {
  bool ok = !name.empty() && name.size() <= kMaxNameLength && absl::ascii_isalnum(name[0]);
  for (char c : name) {
    ok = ok && (absl::ascii_isalnum(c) || c == '-' || c == '.' || (upper_case && c == '_')) &&
         (upper_case || !absl::ascii_isupper(c));
  }
  if (ok) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      what, " \"", name, "\" is not usable in a certificate: allowed are up to ", kMaxNameLength,
      upper_case ? " letters, digits, `-`, `.` and `_`"
                 : " lower-case letters, digits, `-` and `.`",
      ", the first a letter or digit"));
}

absl::Status CheckRequest(const CertificateRequest& request) {
  if (request.kind == CertificateKind::kCoordinator) {
    if (!request.name.empty()) {
      return absl::InvalidArgumentError("the coordinator's certificate has no name");
    }
  } else {
    DROVER_RETURN_IF_ERROR(CheckName("the name", request.name, /*upper_case=*/true));
    if (request.kind == CertificateKind::kNode && absl::StrContains(request.name, "_")) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", request.name, "\" is no node name: use letters, digits, - and ."));
    }
  }
  if ((request.kind == CertificateKind::kServer) == request.sans.empty()) {
    return absl::InvalidArgumentError(
        request.sans.empty() ? "a server's certificate needs at least one DNS name or IP address"
                             : "only a server's certificate may have DNS names or IP addresses");
  }
  return absl::OkStatus();
}

// Who may open connections with it, and who may accept them.
std::string ExtendedKeyUsage(CertificateKind kind) {
  switch (kind) {
    case CertificateKind::kCoordinator:
    case CertificateKind::kNode:
      return "serverAuth,clientAuth";
    case CertificateKind::kUser:
      return "clientAuth";
    case CertificateKind::kServer:
      return "serverAuth";
  }
  return "";
}

absl::StatusOr<KeyPtr> NewKey() {
  KeyPtr key(EVP_EC_gen("P-256"));
  if (key == nullptr) return OpenSslError("make a key");
  return key;
}

absl::Status AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  if (extension == nullptr || X509_add_ext(certificate, extension.get(), -1) != 1) {
    return OpenSslError(absl::StrCat("add the extension ", OBJ_nid2sn(nid)));
  }
  return absl::OkStatus();
}

// Everything but extensions, public key and signature.
absl::StatusOr<CertificatePtr> NewCertificate(const std::string& common_name, absl::Time now,
                                              absl::Duration validity) {
  CertificatePtr certificate(X509_new());
  unsigned char serial[kSerialBytes];
  if (certificate == nullptr || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      RAND_bytes(serial, sizeof(serial)) != 1) {
    return OpenSslError("make a certificate");
  }
  serial[0] &= 0x7f;  // Serial numbers are positive.
  BigNumberPtr number(BN_bin2bn(serial, sizeof(serial), nullptr));
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.c_str());
  if (number == nullptr ||
      BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get())) == nullptr ||
      ASN1_TIME_set(X509_getm_notBefore(certificate.get()), absl::ToTimeT(now - kClockSkew)) ==
          nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(certificate.get()), absl::ToTimeT(now + validity)) ==
          nullptr ||
      X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, text, -1, -1, 0) != 1) {
    return OpenSslError("fill in a certificate");
  }
  return certificate;
}

absl::Status Sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
  if (X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) != 1 ||
      X509_sign(certificate, issuer_key, EVP_sha256()) == 0) {
    return OpenSslError("sign a certificate");
  }
  return absl::OkStatus();
}

// As OpenSSL's configuration language wants them: "URI:…,DNS:…,IP:…".
absl::StatusOr<std::string> AlternativeNames(const std::string& uri,
                                             const std::vector<std::string>& sans) {
  std::string names = absl::StrCat("URI:", uri);
  for (const std::string& san : sans) {
    unsigned char address[sizeof(in6_addr)];
    if (inet_pton(AF_INET, san.c_str(), address) == 1 ||
        inet_pton(AF_INET6, san.c_str(), address) == 1) {
      absl::StrAppend(&names, ",IP:", san);
      continue;
    }
    DROVER_RETURN_IF_ERROR(CheckName("the DNS name", san, /*upper_case=*/true));
    absl::StrAppend(&names, ",DNS:", san);
  }
  return names;
}

absl::Status RefuseExisting(const std::string& path, absl::string_view advice) {
  std::error_code error;
  const bool exists = std::filesystem::exists(path, error);
  if (error) return absl::PermissionDeniedError(absl::StrCat(path, ": ", error.message()));
  if (!exists) return absl::OkStatus();
  return absl::AlreadyExistsError(absl::StrCat(path, " exists already; ", advice));
}

// A list in `out_dir` that has more than `crl` is not replaced by that.
absl::Status RefuseNewerCrl(const Authority& authority, const Crl& crl,
                            const std::string& out_dir) {
  auto pem = ReadFile(CrlPath(out_dir));
  if (!pem.ok()) return absl::OkStatus();
  absl::StatusOr<Crl> there = ReadCrl(*pem, authority.certificate.get());
  if (!there.ok()) return absl::OkStatus();
  for (const auto& [serial, since] : there->revoked) {
    if (crl.revoked.contains(serial)) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        CrlPath(out_dir), " lists revoked certificates that ", CrlPath(authority.dir),
        " lacks: the authority was restored from an old copy; bring back its newest list first"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status InitAuthority(const std::string& dir, const std::string& cluster, absl::Time now) {
  DROVER_RETURN_IF_ERROR(CheckName("the cluster name", cluster, /*upper_case=*/false));
  for (const char* file : {"/ca.crt", "/ca.key"}) {
    DROVER_RETURN_IF_ERROR(RefuseExisting(
        dir + file,
        "a new authority would lock out every node that has a certificate of the old "
        "one: choose another folder"));
  }
  DROVER_ASSIGN_OR_RETURN(KeyPtr key, NewKey());
  DROVER_ASSIGN_OR_RETURN(
      CertificatePtr certificate,
      NewCertificate(absl::StrCat("Drover cluster ", cluster), now, kAuthorityValidity));
  if (X509_set_pubkey(certificate.get(), key.get()) != 1) return OpenSslError("set the key");
  const std::pair<int, std::string> extensions[] = {
      {NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
      {NID_key_usage, "critical,keyCertSign,cRLSign"},
      {NID_subject_key_identifier, "hash"},
      {NID_subject_alt_name, absl::StrCat("URI:spiffe://", cluster)},
  };
  for (const auto& [nid, value] : extensions) {
    DROVER_RETURN_IF_ERROR(AddExtension(certificate.get(), certificate.get(), nid, value));
  }
  DROVER_RETURN_IF_ERROR(Sign(certificate.get(), certificate.get(), key.get()));
  DROVER_ASSIGN_OR_RETURN(std::string key_pem, PemOf(key.get()));
  DROVER_ASSIGN_OR_RETURN(std::string certificate_pem, PemOf(certificate.get()));
  DROVER_RETURN_IF_ERROR(MakePrivateFolder(dir));
  DROVER_RETURN_IF_ERROR(WriteFileDurably(dir + "/ca.key", key_pem, 0600));
  return WriteFileDurably(dir + "/ca.crt", certificate_pem);
}

absl::Status IssueCertificate(const std::string& authority_dir, const CertificateRequest& request,
                              const std::string& out_dir, absl::Time now) {
  DROVER_RETURN_IF_ERROR(CheckRequest(request));
  DROVER_ASSIGN_OR_RETURN(Authority authority, LoadAuthority(authority_dir));
  // What is revoked meanwhile would be missing from the list that is handed out.
  DROVER_ASSIGN_OR_RETURN(UniqueFd lock, LockAuthority(authority_dir));
  for (const char* file : {"/tls.crt", "/tls.key"}) {
    DROVER_RETURN_IF_ERROR(
        RefuseExisting(out_dir + file, "remove it first, or choose another folder"));
  }
  if (auto existing = ReadFile(out_dir + "/ca.crt");
      existing.ok() && *existing != authority.certificate_pem) {
    return absl::AlreadyExistsError(absl::StrCat(
        out_dir,
        "/ca.crt belongs to another authority; remove it first, or choose another folder"));
  }
  DROVER_ASSIGN_OR_RETURN(StoredCrl revoked, LoadCrl(authority));
  DROVER_RETURN_IF_ERROR(RefuseNewerCrl(authority, revoked.crl, out_dir));
  // There before the first record: where only that is left, the list was lost.
  if (revoked.pem.empty()) DROVER_RETURN_IF_ERROR(StoreCrl(authority, revoked, now));
  const std::string holder = HolderPath(request.kind, request.name);
  DROVER_ASSIGN_OR_RETURN(
      std::string names,
      AlternativeNames(absl::StrCat("spiffe://", authority.cluster, "/", holder), request.sans));
  DROVER_ASSIGN_OR_RETURN(KeyPtr key, NewKey());
  DROVER_ASSIGN_OR_RETURN(CertificatePtr certificate, NewCertificate(holder, now, kLeafValidity));
  if (X509_set_pubkey(certificate.get(), key.get()) != 1) return OpenSslError("set the key");
  const std::pair<int, std::string> extensions[] = {
      {NID_basic_constraints, "critical,CA:FALSE"},
      {NID_key_usage, "critical,digitalSignature"},
      {NID_ext_key_usage, ExtendedKeyUsage(request.kind)},
      {NID_subject_key_identifier, "hash"},
      {NID_authority_key_identifier, "keyid:always"},
      {NID_subject_alt_name, names},
  };
  for (const auto& [nid, value] : extensions) {
    DROVER_RETURN_IF_ERROR(
        AddExtension(certificate.get(), authority.certificate.get(), nid, value));
  }
  DROVER_RETURN_IF_ERROR(Sign(certificate.get(), authority.certificate.get(), authority.key.get()));
  DROVER_ASSIGN_OR_RETURN(std::string key_pem, PemOf(key.get()));
  DROVER_ASSIGN_OR_RETURN(std::string certificate_pem, PemOf(certificate.get()));
  // First of all: what nobody knows of nobody can revoke.
  DROVER_RETURN_IF_ERROR(RecordIssued(authority, certificate.get()));
  DROVER_RETURN_IF_ERROR(MakePrivateFolder(out_dir));
  DROVER_RETURN_IF_ERROR(WriteFileDurably(out_dir + "/ca.crt", authority.certificate_pem));
  DROVER_RETURN_IF_ERROR(WriteFileDurably(CrlPath(out_dir), revoked.pem));
  DROVER_RETURN_IF_ERROR(WriteFileDurably(out_dir + "/tls.key", key_pem, 0600));
  return WriteFileDurably(out_dir + "/tls.crt", certificate_pem);
}

}  // namespace drover
