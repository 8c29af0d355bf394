#include "services/volume/testing/volume_node.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"

namespace drover::volume {
namespace {

// No coordinator confirms anything here.
constexpr absl::Duration kPatience = absl::Milliseconds(50);

std::shared_ptr<grpc::Channel> Insecure(const std::string& address) {
  return grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
}

Task<absl::Status> Recover(GroupManager& manager, VolumeHistory& history, ServingGuard& guard,
                           Seeder& seeder, StartTable& table, AppStarts& starts) {
  DROVER_CO_RETURN_IF_ERROR(co_await manager.Recover());
  DROVER_CO_RETURN_IF_ERROR(co_await guard.Begin());
  co_await history.Recover();
  DROVER_CO_RETURN_IF_ERROR(co_await seeder.UnmountLeftover());
  DROVER_CO_RETURN_IF_ERROR(co_await table.Load());
  co_return starts.ListenAgain();
}

}  // namespace

VolumeNode::VolumeNode(const std::string& name, const std::string& folder, StorageBackend& backend,
                       Host& host, absl::Duration stall_limit)
    : name_(name),
      work_(io_.get_executor()),
      epochs_(EpochGuard::Open(folder + "/epoch").value()),
      peers_([](const NodeName& node, const std::string& address) { return Insecure(address); }),
      calls_(io_.get_executor(), AuthenticateAs(NodeOf("test", "peer"))),
      groups_(backend, pool_),
      witness_(folder + "/witness.json"),
      guard_({io_.get_executor(), backend, pool_, groups_, witness_, sleeper_, clock_}, kPatience),
      start_table_(host, pool_, folder + "/run"),
      gates_(io_.get_executor(), host, pool_),
      starts_({backend, host, pool_, groups_, start_table_, gates_, guard_}),
      sizes_(io_.get_executor(), backend, clock_),
      pushes_({io_.get_executor(), backend, pool_, groups_, peers_, sizes_, sleeper_, clock_,
               stall_limit}),
      receiver_(io_.get_executor(), backend, pool_, groups_, stall_limit),
      sealer_({backend, pool_, groups_, starts_, containers_, clock_}),
      seeder_(io_.get_executor(), backend, pool_, groups_, folder + "/run"),
      manager_({backend, pool_, groups_, starts_, pushes_, receiver_, sizes_, guard_}),
      history_({backend, pool_, groups_, starts_, sizes_, guard_}),
      volume_service_({calls_, NodeName(name), backend.Kind(), epochs_, guard_, manager_, history_,
                       starts_, pushes_, sealer_, seeder_}),
      transfer_service_(calls_, receiver_) {
  thread_ = std::thread([this] { io_.run(); });
  const absl::Status recovered =
      boost::asio::co_spawn(io_,
                            Recover(manager_, history_, guard_, seeder_, start_table_, starts_),
                            boost::asio::use_future)
          .get();
  EXPECT_TRUE(recovered.ok()) << recovered;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
  builder.RegisterService(&volume_service_);
  builder.RegisterService(&transfer_service_);
  server_ = builder.BuildAndStart();
  volumes_ = v1::VolumeService::NewStub(Insecure(address()));
  transfers_ = v1::TransferService::NewStub(Insecure(address()));
}

VolumeNode::~VolumeNode() {
  boost::asio::co_spawn(io_, guard_.Stop(), boost::asio::use_future).get();
  boost::asio::co_spawn(io_, pushes_.CancelAll(), boost::asio::use_future).get();
  boost::asio::co_spawn(io_, calls_.Drain(), boost::asio::use_future).get();
  boost::asio::co_spawn(io_, sizes_.Stop(), boost::asio::use_future).get();
  boost::asio::co_spawn(io_, receiver_.Stop(), boost::asio::use_future).get();
  server_->Shutdown();
  auto close = [this]() -> Task<void> {
    for (const Start& start : start_table_.All()) gates_.Forget(start.id);
    co_return;
  };
  boost::asio::co_spawn(io_, std::move(close), boost::asio::use_future).get();
  work_.reset();
  thread_.join();
}

std::string VolumeNode::address() const { return absl::StrCat("127.0.0.1:", port_); }

}  // namespace drover::volume
