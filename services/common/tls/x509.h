// X.509 as OpenSSL has it: objects that free themselves, and what is read from them.
//
// Nothing here leaves an error in OpenSSL's queue of this thread, which may be one of gRPC's: its
// next handshake would take it for its own.
#ifndef DROVER_SERVICES_COMMON_TLS_X509_H_
#define DROVER_SERVICES_COMMON_TLS_X509_H_

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace drover {

template <class T, void (*Free)(T*)>
struct OpenSslDeleter {
  void operator()(T* object) const { Free(object); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, OpenSslDeleter<EVP_PKEY, EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, OpenSslDeleter<X509, X509_free>>;
using CrlPtr = std::unique_ptr<X509_CRL, OpenSslDeleter<X509_CRL, X509_CRL_free>>;
using ExtensionPtr =
    std::unique_ptr<X509_EXTENSION, OpenSslDeleter<X509_EXTENSION, X509_EXTENSION_free>>;
using BigNumberPtr = std::unique_ptr<BIGNUM, OpenSslDeleter<BIGNUM, BN_free>>;
using IntegerPtr = std::unique_ptr<ASN1_INTEGER, OpenSslDeleter<ASN1_INTEGER, ASN1_INTEGER_free>>;

// INTERNAL, "OpenSSL cannot WHAT: REASON", with what OpenSSL reported last.
absl::Status OpenSslError(absl::string_view what);

// The first of that kind in `pem`; null if there is none.
KeyPtr KeyFromPem(absl::string_view pem);
CertificatePtr CertificateFromPem(absl::string_view pem);
CrlPtr CrlFromPem(absl::string_view pem);

absl::StatusOr<std::string> PemOf(EVP_PKEY* key);
absl::StatusOr<std::string> PemOf(X509* certificate);
absl::StatusOr<std::string> PemOf(X509_CRL* crl);

// The first URI of a certificate; empty if it has none.
std::string UriOf(X509* certificate);

// A serial number as `openssl x509 -serial` shows it: hexadecimal, in upper case. And back; null if
// `text` is none.
std::string SerialText(const ASN1_INTEGER* serial);
IntegerPtr SerialFromText(const std::string& text);

// InfinitePast if it is none that a certificate may have.
absl::Time TimeOfAsn1(const ASN1_TIME* time);

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_TLS_X509_H_
