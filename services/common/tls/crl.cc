#include "services/common/tls/crl.h"

#include <openssl/err.h>

#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"

namespace drover {
namespace {

using EntryPtr = std::unique_ptr<X509_REVOKED, OpenSslDeleter<X509_REVOKED, X509_REVOKED_free>>;
using TimePtr = std::unique_ptr<ASN1_TIME, OpenSslDeleter<ASN1_TIME, ASN1_TIME_free>>;

TimePtr Asn1Of(absl::Time time) { return TimePtr(ASN1_TIME_set(nullptr, absl::ToTimeT(time))); }

bool IsSignedBy(X509_CRL* list, X509* authority) {
  const bool is_signed =
      X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_subject_name(authority)) == 0 &&
      X509_CRL_verify(list, X509_get0_pubkey(authority)) == 1;
  ERR_clear_error();
  return is_signed;
}

absl::Status AddEntry(X509_CRL* list, const std::string& serial_text, absl::Time time) {
  EntryPtr entry(X509_REVOKED_new());
  IntegerPtr serial = SerialFromText(serial_text);
  TimePtr since = Asn1Of(time);
  if (entry == nullptr || serial == nullptr || since == nullptr ||
      X509_REVOKED_set_serialNumber(entry.get(), serial.get()) != 1 ||
      X509_REVOKED_set_revocationDate(entry.get(), since.get()) != 1 ||
      X509_CRL_add0_revoked(list, entry.get()) != 1) {
    return OpenSslError(absl::StrCat("revoke the serial number ", serial_text));
  }
  entry.release();  // The list's own by now.
  return absl::OkStatus();
}

absl::Status AddExtensions(X509_CRL* list, X509* authority, int64_t number_value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, authority, nullptr, nullptr, list, 0);
  ExtensionPtr issuer(
      X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid:always"));
  IntegerPtr number(ASN1_INTEGER_new());
  if (issuer == nullptr || number == nullptr || X509_CRL_add_ext(list, issuer.get(), -1) != 1 ||
      ASN1_INTEGER_set_int64(number.get(), number_value) != 1 ||
      X509_CRL_add1_ext_i2d(list, NID_crl_number, number.get(), 0, 0) != 1) {
    return OpenSslError("number a revocation list");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Crl> ReadCrl(absl::string_view pem, X509* authority) {
  CrlPtr list = CrlFromPem(pem);
  if (list == nullptr) {
    return absl::InvalidArgumentError("it is damaged: no certificate revocation list in PEM");
  }
  if (!IsSignedBy(list.get(), authority)) {
    return absl::InvalidArgumentError("it is not signed by the authority of ca.crt");
  }
  Crl crl;
  IntegerPtr number(static_cast<ASN1_INTEGER*>(
      X509_CRL_get_ext_d2i(list.get(), NID_crl_number, nullptr, nullptr)));
  if (number != nullptr && ASN1_INTEGER_get_int64(&crl.number, number.get()) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError("its number is larger than any of Drover's");
  }
  STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(list.get());
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
    crl.revoked.emplace(SerialText(X509_REVOKED_get0_serialNumber(entry)),
                        TimeOfAsn1(X509_REVOKED_get0_revocationDate(entry)));
  }
  return crl;
}

absl::StatusOr<std::string> SignCrl(const Crl& crl, X509* authority, EVP_PKEY* key,
                                    absl::Time now) {
  CrlPtr list(X509_CRL_new());
  TimePtr time = Asn1Of(now);
  // No further list is promised before the authority itself ends.
  if (list == nullptr || time == nullptr ||
      X509_CRL_set_version(list.get(), X509_CRL_VERSION_2) != 1 ||
      X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(authority)) != 1 ||
      X509_CRL_set1_lastUpdate(list.get(), time.get()) != 1 ||
      X509_CRL_set1_nextUpdate(list.get(), X509_get0_notAfter(authority)) != 1) {
    return OpenSslError("make a revocation list");
  }
  for (const auto& [serial, since] : crl.revoked) {
    DROVER_RETURN_IF_ERROR(AddEntry(list.get(), serial, since));
  }
  DROVER_RETURN_IF_ERROR(AddExtensions(list.get(), authority, crl.number));
  if (X509_CRL_sort(list.get()) != 1 || X509_CRL_sign(list.get(), key, EVP_sha256()) == 0) {
    return OpenSslError("sign a revocation list");
  }
  return PemOf(list.get());
}

}  // namespace drover
