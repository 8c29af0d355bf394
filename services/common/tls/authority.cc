#include "services/common/tls/authority.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/status_macros.h"

namespace drover {
namespace {

constexpr absl::Duration kAuthorityValidity = absl::Hours(24 * 3653);
constexpr absl::Duration kLeafValidity = absl::Hours(24 * 731);
// Certificates are valid a little before they were made: the machines' clocks may differ.
constexpr absl::Duration kClockSkew = absl::Minutes(10);
constexpr int kSerialBytes = 16;
constexpr int kMaxNameLength = 63;

template <class T, void (*Free)(T*)>
struct Deleter {
  void operator()(T* object) const { Free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509, X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION, X509_EXTENSION_free>>;
using BigNumber = std::unique_ptr<BIGNUM, Deleter<BIGNUM, BN_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO, BIO_free_all>>;
using GeneralNames = std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES, GENERAL_NAMES_free>>;

struct Authority {
  std::string cluster;
  std::string certificate_pem;
  Certificate certificate;
  Key key;
};

absl::Status OpenSslError(absl::string_view what) {
  char text[256] = "unknown reason";
  if (unsigned long code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof(text));
  ERR_clear_error();
  return absl::InternalError(absl::StrCat("OpenSSL cannot ", what, ": ", text));
}

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

std::string UriPath(const CertificateRequest& request) {
  switch (request.kind) {
    case CertificateKind::kCoordinator:
      return "/coordinator";
    case CertificateKind::kNode:
      return absl::StrCat("/node/", request.name);
    case CertificateKind::kUser:
      return absl::StrCat("/user/", request.name);
    case CertificateKind::kServer:
      return absl::StrCat("/server/", request.name);
  }
  return "";
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

absl::StatusOr<Key> NewKey() {
  Key key(EVP_EC_gen("P-256"));
  if (key == nullptr) return OpenSslError("make a key");
  return key;
}

template <class Write>
absl::StatusOr<std::string> ToPem(Write write) {
  Bio bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || write(bio.get()) != 1) return OpenSslError("encode");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, size);
}

absl::StatusOr<std::string> KeyPem(EVP_PKEY* key) {
  return ToPem([key](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

absl::StatusOr<std::string> CertificatePem(X509* certificate) {
  return ToPem([certificate](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

absl::Status AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  if (extension == nullptr || X509_add_ext(certificate, extension.get(), -1) != 1) {
    return OpenSslError(absl::StrCat("add the extension ", OBJ_nid2sn(nid)));
  }
  return absl::OkStatus();
}

// Everything but extensions, public key and signature.
absl::StatusOr<Certificate> NewCertificate(const std::string& common_name, absl::Time now,
                                           absl::Duration validity) {
  Certificate certificate(X509_new());
  unsigned char serial[kSerialBytes];
  if (certificate == nullptr || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      RAND_bytes(serial, sizeof(serial)) != 1) {
    return OpenSslError("make a certificate");
  }
  serial[0] &= 0x7f;  // Serial numbers are positive.
  BigNumber number(BN_bin2bn(serial, sizeof(serial), nullptr));
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

// The first URI of a certificate; empty if it has none.
std::string UriOf(X509* certificate) {
  GeneralNames names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    return std::string(
        reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.uniformResourceIdentifier)),
        ASN1_STRING_length(name->d.uniformResourceIdentifier));
  }
  return "";
}

absl::StatusOr<Authority> LoadAuthority(const std::string& dir) {
  Authority authority;
  auto certificate = ReadFile(dir + "/ca.crt");
  auto key = ReadFile(dir + "/ca.key");
  if (!certificate.ok() || !key.ok()) {
    return absl::NotFoundError(
        absl::StrCat("no certificate authority in ", dir, " (",
                     (certificate.ok() ? key.status() : certificate.status()).message(),
                     "); make one with `drover ca init --cluster CLUSTER`"));
  }
  authority.certificate_pem = *std::move(certificate);
  Bio certificate_bio(BIO_new_mem_buf(authority.certificate_pem.data(),
                                      static_cast<int>(authority.certificate_pem.size())));
  Bio key_bio(BIO_new_mem_buf(key->data(), static_cast<int>(key->size())));
  authority.certificate.reset(PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, nullptr));
  authority.key.reset(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr));
  if (authority.certificate == nullptr || authority.key == nullptr ||
      X509_check_private_key(authority.certificate.get(), authority.key.get()) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError(
        absl::StrCat(dir, "/ca.crt and ca.key are not a certificate and its key"));
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

absl::Status MakeFolder(const std::string& dir) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(dir, error);
  if (error) {
    return absl::InternalError(absl::StrCat("cannot make the folder ", dir, ": ", error.message()));
  }
  if (made) std::filesystem::permissions(dir, std::filesystem::perms::owner_all, error);
  return absl::OkStatus();
}

absl::Status RefuseExisting(const std::string& path, absl::string_view advice) {
  std::error_code error;
  const bool exists = std::filesystem::exists(path, error);
  if (error) return absl::PermissionDeniedError(absl::StrCat(path, ": ", error.message()));
  if (!exists) return absl::OkStatus();
  return absl::AlreadyExistsError(absl::StrCat(path, " exists already; ", advice));
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
  DROVER_ASSIGN_OR_RETURN(Key key, NewKey());
  DROVER_ASSIGN_OR_RETURN(
      Certificate certificate,
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
  DROVER_ASSIGN_OR_RETURN(std::string key_pem, KeyPem(key.get()));
  DROVER_ASSIGN_OR_RETURN(std::string certificate_pem, CertificatePem(certificate.get()));
  DROVER_RETURN_IF_ERROR(MakeFolder(dir));
  DROVER_RETURN_IF_ERROR(WriteFileDurably(dir + "/ca.key", key_pem, 0600));
  return WriteFileDurably(dir + "/ca.crt", certificate_pem);
}

absl::Status IssueCertificate(const std::string& authority_dir, const CertificateRequest& request,
                              const std::string& out_dir, absl::Time now) {
  DROVER_RETURN_IF_ERROR(CheckRequest(request));
  DROVER_ASSIGN_OR_RETURN(Authority authority, LoadAuthority(authority_dir));
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
  const std::string path = UriPath(request);
  DROVER_ASSIGN_OR_RETURN(
      std::string names,
      AlternativeNames(absl::StrCat("spiffe://", authority.cluster, path), request.sans));
  DROVER_ASSIGN_OR_RETURN(Key key, NewKey());
  DROVER_ASSIGN_OR_RETURN(Certificate certificate,
                          NewCertificate(path.substr(1), now, kLeafValidity));
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
  DROVER_ASSIGN_OR_RETURN(std::string key_pem, KeyPem(key.get()));
  DROVER_ASSIGN_OR_RETURN(std::string certificate_pem, CertificatePem(certificate.get()));
  DROVER_RETURN_IF_ERROR(MakeFolder(out_dir));
  DROVER_RETURN_IF_ERROR(WriteFileDurably(out_dir + "/ca.crt", authority.certificate_pem));
  DROVER_RETURN_IF_ERROR(WriteFileDurably(out_dir + "/tls.key", key_pem, 0600));
  return WriteFileDurably(out_dir + "/tls.crt", certificate_pem);
}

}  // namespace drover
