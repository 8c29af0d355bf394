#include "services/common/tls/credentials.h"

#include <glog/logging.h>
#include <grpc/support/log.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <functional>
#include <iostream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/common/time/clock.h"
#include "services/common/tls/x509.h"

namespace drover {
namespace {

namespace tls = grpc::experimental;

constexpr unsigned kRefreshSeconds = 10;

// Demands one URI in the server's certificate instead of a host name: nodes are known by name,
// whatever their address. And that it is not revoked.
class IdentityVerifier : public tls::ExternalCertificateVerifier {
 public:
  IdentityVerifier(std::string uri, std::shared_ptr<RevocationList> revocations)
      : uri_(std::move(uri)), revocations_(std::move(revocations)) {}

  bool Verify(tls::TlsCustomVerificationCheckRequest* request,
              std::function<void(grpc::Status)> callback, grpc::Status* sync_status) override {
    const absl::Status status = Check(*request);
    *sync_status = status.ok() ? grpc::Status::OK
                               : grpc::Status(grpc::StatusCode::UNAUTHENTICATED,
                                              std::string(status.message()));
    return true;
  }
  void Cancel(tls::TlsCustomVerificationCheckRequest*) override {}

 private:
  absl::Status Check(tls::TlsCustomVerificationCheckRequest& request) const {
    std::vector<grpc::string_ref> uris = request.uri_names();
    const std::string found =
        uris.empty() ? "no identity" : std::string(uris[0].data(), uris[0].size());
    if (uris.size() != 1 || found != uri_) {
      return absl::UnauthenticatedError(
          absl::StrCat("the server's certificate names ", found, ", expected ", uri_));
    }
    const grpc::string_ref pem = request.peer_cert();
    return revocations_->Check(absl::string_view(pem.data(), pem.size()), "the server's");
  }

  const std::string uri_;
  const std::shared_ptr<RevocationList> revocations_;
};

absl::StatusOr<Identity> IdentityOfCertificate(const std::string& path) {
  DROVER_ASSIGN_OR_RETURN(std::string pem, ReadFile(path));
  CertificatePtr certificate = CertificateFromPem(pem);
  if (certificate == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is not a PEM certificate"));
  }
  absl::StatusOr<Identity> identity = ParseIdentity(UriOf(certificate.get()));
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

TlsFolder::TlsFolder(std::string folder, Identity identity,
                     std::shared_ptr<RevocationList> revocations)
    : folder_(std::move(folder)),
      identity_(std::move(identity)),
      revocations_(std::move(revocations)) {}

absl::StatusOr<TlsFolder> TlsFolder::Open(std::string folder) {
  gpr_set_log_function(&LogUnlessAboutHostNames);
  for (const char* file : {"/ca.crt", "/tls.key"}) {
    DROVER_RETURN_IF_ERROR(ReadFile(folder + file).status());
  }
  DROVER_ASSIGN_OR_RETURN(Identity identity, IdentityOfCertificate(folder + "/tls.crt"));
  static const RealClock* const clock = new RealClock;
  auto log = [](const absl::Status& problem) {
    LOG(ERROR) << problem.message() << "; what was revoked before stays so while this runs";
  };
  DROVER_ASSIGN_OR_RETURN(std::shared_ptr<RevocationList> revocations,
                          RevocationList::Open(folder, *clock, std::move(log)));
  return TlsFolder(std::move(folder), std::move(identity), std::move(revocations));
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
      tls::ExternalCertificateVerifier::Create<IdentityVerifier>(expected.Uri(), revocations_));
  grpc::ChannelArguments arguments;
  // A node that comes back is noticed soon, and a silent one is not taken for idle.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  // How long an attempt may take, too. TCP repeats its first packet after 1, 3 and 7 s: a new
  // attempt is sooner.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 2000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(kMostMessageBytes);
  // Each channel its own connection: otherwise gRPC shares one between channels of equal arguments.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, tls::TlsCredentials(options), arguments);
}

}  // namespace drover
