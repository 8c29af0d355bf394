#include "services/common/tls/x509.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <ctime>

#include "absl/strings/str_cat.h"

namespace drover {
namespace {

using BioPtr = std::unique_ptr<BIO, OpenSslDeleter<BIO, BIO_free_all>>;
using GeneralNamesPtr =
    std::unique_ptr<GENERAL_NAMES, OpenSslDeleter<GENERAL_NAMES, GENERAL_NAMES_free>>;

template <class Pointer, class Read>
Pointer FromPem(absl::string_view pem, Read read) {
  BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Pointer object(read(bio.get(), nullptr, nullptr, nullptr));
  if (object == nullptr) ERR_clear_error();
  return object;
}

template <class Write>
absl::StatusOr<std::string> ToPem(Write write) {
  BioPtr bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || write(bio.get()) != 1) return OpenSslError("encode");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, size);
}

}  // namespace

absl::Status OpenSslError(absl::string_view what) {
  char text[256] = "unknown reason";
  if (unsigned long code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof(text));
  ERR_clear_error();
  return absl::InternalError(absl::StrCat("OpenSSL cannot ", what, ": ", text));
}

KeyPtr KeyFromPem(absl::string_view pem) { return FromPem<KeyPtr>(pem, &PEM_read_bio_PrivateKey); }

CertificatePtr CertificateFromPem(absl::string_view pem) {
  return FromPem<CertificatePtr>(pem, &PEM_read_bio_X509);
}

CrlPtr CrlFromPem(absl::string_view pem) { return FromPem<CrlPtr>(pem, &PEM_read_bio_X509_CRL); }

absl::StatusOr<std::string> PemOf(EVP_PKEY* key) {
  return ToPem([key](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

absl::StatusOr<std::string> PemOf(X509* certificate) {
  return ToPem([certificate](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

absl::StatusOr<std::string> PemOf(X509_CRL* crl) {
  return ToPem([crl](BIO* bio) { return PEM_write_bio_X509_CRL(bio, crl); });
}

std::string UriOf(X509* certificate) {
  GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (names == nullptr) ERR_clear_error();
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    return std::string(
        reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.uniformResourceIdentifier)),
        ASN1_STRING_length(name->d.uniformResourceIdentifier));
  }
  return "";
}

std::string SerialText(const ASN1_INTEGER* serial) {
  BigNumberPtr number(ASN1_INTEGER_to_BN(serial, nullptr));
  char* hex = number == nullptr ? nullptr : BN_bn2hex(number.get());
  if (hex == nullptr) {
    ERR_clear_error();
    return "";
  }
  std::string text = hex;
  OPENSSL_free(hex);
  return text;
}

IntegerPtr SerialFromText(const std::string& text) {
  BIGNUM* parsed = nullptr;
  const int digits = BN_hex2bn(&parsed, text.c_str());
  BigNumberPtr number(parsed);
  IntegerPtr serial;
  if (digits > 0 && digits == static_cast<int>(text.size())) {
    serial.reset(BN_to_ASN1_INTEGER(number.get(), nullptr));
  }
  ERR_clear_error();
  return serial;
}

absl::Time TimeOfAsn1(const ASN1_TIME* time) {
  std::tm broken_down = {};
  if (ASN1_TIME_to_tm(time, &broken_down) != 1) {
    ERR_clear_error();
    return absl::InfinitePast();
  }
  return absl::FromTM(broken_down, absl::UTCTimeZone());
}

}  // namespace drover
