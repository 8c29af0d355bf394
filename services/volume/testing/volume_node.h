// One node's volume service inside a test: real handlers, real gRPC on loopback, a backend and a
// host of the test's choice, no container engine.
#ifndef DROVER_SERVICES_VOLUME_TESTING_VOLUME_NODE_H_
#define DROVER_SERVICES_VOLUME_TESTING_VOLUME_NODE_H_

#include <grpcpp/server.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <thread>

#include "drover/volume/v1/transfer_service.grpc.pb.h"
#include "drover/volume/v1/volume_service.grpc.pb.h"
#include "services/common/async/server_call.h"
#include "services/common/async/sleeper.h"
#include "services/common/fence/epoch_guard.h"
#include "services/common/time/clock.h"
#include "services/container/client/fake_container_client.h"
#include "services/volume/backend/host.h"
#include "services/volume/client/grpc_peer.h"
#include "services/volume/driver/group_manager.h"
#include "services/volume/driver/sealer.h"
#include "services/volume/driver/seeder.h"
#include "services/volume/driver/serving_guard.h"
#include "services/volume/driver/volume_history.h"
#include "services/volume/service/transfer_service.h"
#include "services/volume/service/volume_service.h"

namespace drover::volume {

// Everything runs until it is destroyed; its own io thread, as in the daemon. Destroying it and
// making another on the same backend is a restart of the daemon.
class VolumeNode {
 public:
  // `folder`: for the run folder and the epoch file. Backend and host outlive the node.
  VolumeNode(const std::string& name, const std::string& folder, StorageBackend& backend,
             Host& host, absl::Duration stall_limit);
  ~VolumeNode();

  // host:port.
  std::string address() const;
  int port() const { return port_; }
  const std::string& name() const { return name_; }
  v1::VolumeService::Stub& volumes() { return *volumes_; }
  v1::TransferService::Stub& transfers() { return *transfers_; }
  // Its answers are set before a call that needs them.
  container::FakeContainerClient& containers() { return containers_; }

 private:
  const std::string name_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  BlockingPool pool_{4};
  EpochGuard epochs_;
  container::FakeContainerClient containers_;
  RealClock clock_;
  TimerSleeper sleeper_;
  GrpcPeerConnector peers_;
  CallScope calls_;
  GroupStore groups_;
  WitnessFile witness_;
  ServingGuard guard_;
  StartTable start_table_;
  GateKeeper gates_;
  AppStarts starts_;
  VolumeSizes sizes_;
  PushRounds pushes_;
  Receiver receiver_;
  Sealer sealer_;
  Seeder seeder_;
  GroupManager manager_;
  VolumeHistory history_;
  VolumeServiceImpl volume_service_;
  TransferServiceImpl transfer_service_;
  std::thread thread_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::VolumeService::Stub> volumes_;
  std::unique_ptr<v1::TransferService::Stub> transfers_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_TESTING_VOLUME_NODE_H_
