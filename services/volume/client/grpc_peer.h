// Peers over mutual TLS.
#ifndef DROVER_SERVICES_VOLUME_CLIENT_GRPC_PEER_H_
#define DROVER_SERVICES_VOLUME_CLIENT_GRPC_PEER_H_

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>

#include "services/volume/client/peer.h"

namespace drover::volume {

// A channel to `address` that works only if the certificate there names `node`.
using ConnectChannel =
    std::function<std::shared_ptr<grpc::Channel>(const NodeName& node, const std::string& address)>;

class GrpcPeerConnector : public PeerConnector {
 public:
  explicit GrpcPeerConnector(ConnectChannel connect) : connect_(std::move(connect)) {}
  std::shared_ptr<Peer> Connect(const NodeName& node, const std::string& address) override;

 private:
  const ConnectChannel connect_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_CLIENT_GRPC_PEER_H_
