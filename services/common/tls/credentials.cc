#include "services/common/tls/credentials.h"

#include <grpc/support/log.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <functional>
#include <iostream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"

namespace drover {
namespace {

namespace tls = grpc::experimental;

constexpr unsigned kRefreshSeconds = 10;

// Demands one URI in the server's certificate instead of a host name: nodes are known by name,
// whatever their address.
class IdentityVerifier : public tls::ExternalCertificateVerifier {
 public:
  explicit IdentityVerifier(std::string uri) : uri_(std::move(uri)) {}

  bool Verify(tls::TlsCustomVerificationCheckRequest* request,
              std::function<void(grpc::Status)> callback, grpc::Status* sync_status) override {
    std::vector<grpc::string_ref> uris = request->uri_names();
    if (uris.size() == 1 && std::string(uris[0].data(), uris[0].size()) == uri_) {
      *sync_status = grpc::Status::OK;
      return true;
    }
    const std::string found =
        uris.empty() ? "no identity" : std::string(uris[0].data(), uris[0].size());
    *sync_status =
        grpc::Status(grpc::StatusCode::UNAUTHENTICATED,
                     absl::StrCat("the server's certificate names ", found, ", expected ", uri_));
    return true;
  }
  void Cancel(tls::TlsCustomVerificationCheckRequest*) override {}

 private:
  const std::string uri_;
};

absl::StatusOr<Identity> IdentityOfCertificate(const std::string& path) {
  DROVER_ASSIGN_OR_RETURN(std::string pem, ReadFile(path));
  std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(pem.data(), pem.size()), BIO_free);
  std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
  if (certificate == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is not a PEM certificate"));
  }
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr));
  std::string uri;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* value = name->d.uniformResourceIdentifier;
    uri.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
               ASN1_STRING_length(value));
  }
  GENERAL_NAMES_free(names);
  absl::StatusOr<Identity> identity = ParseIdentity(uri);
  if (!identity.ok()) return Annotate(identity.status(), path);
  return identity;
}

// gRPC reports each handshake whose certificate does not carry the host's name as an error, though
// we asked it not to look: nodes are known by IdentityVerifier.
void LogUnlessAboutHostNames(gpr_log_func_args* line) {
  if (absl::StrContains(line->message, "No match found for server name")) return;
  if (gpr_should_log(line->severity) == 0) return;
  std::cerr << gpr_log_severity_string(line->severity) << " grpc " << line->message << "\n";
}

std::shared_ptr<tls::CertificateProviderInterface> Watch(const std::string& folder) {
  return std::make_shared<tls::FileWatcherCertificateProvider>(
      folder + "/tls.key", folder + "/tls.crt", folder + "/ca.crt", kRefreshSeconds);
}

}  // namespace

TlsFolder::TlsFolder(std::string folder, Identity identity)
    : folder_(std::move(folder)), identity_(std::move(identity)) {}

absl::StatusOr<TlsFolder> TlsFolder::Open(std::string folder) {
  gpr_set_log_function(&LogUnlessAboutHostNames);
  for (const char* file : {"/ca.crt", "/tls.key"}) {
    DROVER_RETURN_IF_ERROR(ReadFile(folder + file).status());
  }
  DROVER_ASSIGN_OR_RETURN(Identity identity, IdentityOfCertificate(folder + "/tls.crt"));
  return TlsFolder(std::move(folder), std::move(identity));
}

std::shared_ptr<grpc::ServerCredentials> TlsFolder::ServerCredentials() const {
  tls::TlsServerCredentialsOptions options(Watch(folder_));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return tls::TlsServerCredentials(options);
}

std::shared_ptr<grpc::Channel> TlsFolder::Connect(const std::string& address,
                                                  const Identity& expected) const {
  tls::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(Watch(folder_));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_verify_server_certs(true);
  options.set_check_call_host(false);
  options.set_certificate_verifier(
      tls::ExternalCertificateVerifier::Create<IdentityVerifier>(expected.Uri()));
  grpc::ChannelArguments arguments;
  // A node that comes back is noticed soon, and a silent one is not taken for idle.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // Each channel its own connection: otherwise gRPC shares one between channels of equal arguments.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, tls::TlsCredentials(options), arguments);
}

}  // namespace drover
