// Mutual TLS for every channel and port of Drover.
#ifndef DROVER_SERVICES_COMMON_TLS_CREDENTIALS_H_
#define DROVER_SERVICES_COMMON_TLS_CREDENTIALS_H_

#include <grpcpp/channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/common/tls/identity.h"
#include "services/common/tls/revocation_list.h"

namespace drover {

// Of one message, in either direction. The history of a large cluster is more than gRPC's 4 MiB,
// and so is a file whose applications share long lists.
inline constexpr int kMostMessageBytes = 64 << 20;

// A folder with ca.crt, ca.crl, tls.crt and tls.key as `drover ca issue` writes it; older ones have
// no ca.crl. The files are read again when they change. Thread-safe.
class TlsFolder {
 public:
  // NOT_FOUND naming the missing file; INVALID_ARGUMENT if the certificate carries no identity;
  // FAILED_PRECONDITION if ca.crl cannot be used.
  static absl::StatusOr<TlsFolder> Open(std::string folder);

  // Who we are: the URI of tls.crt.
  const Identity& identity() const { return identity_; }

  // Whose certificates are not to be accepted any more.
  const std::shared_ptr<RevocationList>& revocations() const { return revocations_; }

  // Asks every client for a certificate of our CA. Whether it is revoked, or has expired since, is
  // asked for each call, by RefuseRevoked: connections outlive certificates.
  std::shared_ptr<grpc::ServerCredentials> ServerCredentials() const;

  // A channel to `address` (host:port) that works only if the server's certificate, of our CA,
  // names `expected` and is not revoked when a connection is made.
  std::shared_ptr<grpc::Channel> Connect(const std::string& address,
                                         const Identity& expected) const;

 private:
  TlsFolder(std::string folder, Identity identity, std::shared_ptr<RevocationList> revocations);
  std::string folder_;
  Identity identity_;
  std::shared_ptr<RevocationList> revocations_;
};

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_TLS_CREDENTIALS_H_
