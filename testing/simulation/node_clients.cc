#include "testing/simulation/node_clients.h"

#include <utility>

#include "services/container/client/fake_container_client.h"
#include "services/proxy/client/fake_proxy_client.h"
#include "services/volume/client/fake_volume_client.h"

namespace drover::simulation {
namespace {

using Again = Network::Repeatable;

// Where the messages of one client go.
struct Channel {
  SimConnector::Deps deps;
  std::weak_ptr<Process> caller;
  SimNode* node;

  // `serve` is called at the node, in its process.
  template <class Response>
  Task<absl::StatusOr<Response>> Call(std::string name, absl::Duration timeout, Again again,
                                      std::function<Task<absl::StatusOr<Response>>()> serve) {
    Network::Link link{kCoordinator, caller, node};
    return deps.network.Call<Response>(std::move(link), std::move(name), timeout, again,
                                       std::move(serve));
  }
};

// One override for each call, which names the service's method behind it.
#define DROVER_SIMULATED_CALL(ns, Name, service, Method, again)                            \
  Task<absl::StatusOr<ns::v1::Name##Response>> Name(ns::v1::Name##Request request,         \
                                                    absl::Duration timeout) override {     \
    std::function<Task<absl::StatusOr<ns::v1::Name##Response>>()> serve =                  \
        [node = channel_.node, request] { return node->service().Method(request); };       \
    return channel_.Call<ns::v1::Name##Response>(#Name, timeout, again, std::move(serve)); \
  }
#define DROVER_SIMULATED_LOOK(ns, Name, service)                                                   \
  Task<absl::StatusOr<ns::v1::Name##Response>> Name(ns::v1::Name##Request request,                 \
                                                    absl::Duration timeout) override {             \
    std::function<Task<absl::StatusOr<ns::v1::Name##Response>>()> serve = [node = channel_.node] { \
      return node->service().Name();                                                               \
    };                                                                                             \
    return channel_.Call<ns::v1::Name##Response>(#Name, timeout, Again::kNo, std::move(serve));    \
  }

class ProxyClient : public proxy::FakeProxyClient {
 public:
  explicit ProxyClient(Channel channel) : channel_(std::move(channel)) {}

  DROVER_SIMULATED_LOOK(proxy, GetRoutes, proxy)
  DROVER_SIMULATED_CALL(proxy, ApplyRoutes, proxy, ApplyRoutes, Again::kYes)
  DROVER_SIMULATED_CALL(proxy, ChangeRoutes, proxy, ChangeRoutes, Again::kYes)
  DROVER_SIMULATED_CALL(proxy, SetHold, proxy, SetHold, Again::kYes)
  DROVER_SIMULATED_CALL(proxy, ReleaseHold, proxy, ReleaseHold, Again::kYes)
  // Nothing else listens anywhere, so CheckPorts is the fake's.

 private:
  Channel channel_;
};

class ContainerClient : public container::FakeContainerClient {
 public:
  explicit ContainerClient(Channel channel) : channel_(std::move(channel)) {}

  DROVER_SIMULATED_LOOK(container, GetEngine, container)
  DROVER_SIMULATED_LOOK(container, ListContainers, container)
  DROVER_SIMULATED_CALL(container, StageContainer, container, Stage, Again::kParticipant)
  DROVER_SIMULATED_CALL(container, StartContainer, container, Start, Again::kParticipant)
  DROVER_SIMULATED_CALL(container, AwaitReady, container, AwaitReady, Again::kNo)
  DROVER_SIMULATED_CALL(container, RemoveContainer, container, Remove, Again::kParticipant)
  // Images are everywhere: EnsureImage is the fake's.

 private:
  Channel channel_;
};

class VolumeClient : public volume::FakeVolumeClient {
 public:
  explicit VolumeClient(Channel channel) : channel_(std::move(channel)) {
    on_get_pool = [](const volume::v1::GetPoolRequest&) {
      volume::v1::GetPoolResponse response;
      response.mutable_pool()->set_backend("btrfs");
      return response;
    };
  }

  DROVER_SIMULATED_LOOK(volume, ListGroups, volume)
  DROVER_SIMULATED_CALL(volume, CreateGroup, volume, CreateGroup, Again::kYes)
  DROVER_SIMULATED_CALL(volume, ReserveGroup, volume, ReserveGroup, Again::kParticipant)
  DROVER_SIMULATED_CALL(volume, RetireGroup, volume, RetireGroup, Again::kParticipant)
  DROVER_SIMULATED_CALL(volume, FinishMigration, volume, Finish, Again::kParticipant)
  DROVER_SIMULATED_CALL(volume, AbortMigration, volume, Abort, Again::kParticipant)

  Task<absl::StatusOr<volume::v1::LockGroupResponse>> LockGroup(
      volume::v1::LockGroupRequest request, absl::Duration timeout) override {
    channel_.deps.heard.source_of[request.key().migration()] = channel_.node->host_name();
    std::function<Task<absl::StatusOr<volume::v1::LockGroupResponse>>()> serve =
        [node = channel_.node, request] { return node->volume().LockGroup(request); };
    return channel_.Call<volume::v1::LockGroupResponse>("LockGroup", timeout, Again::kParticipant,
                                                        std::move(serve));
  }

  Task<absl::Status> PushRound(
      volume::v1::PushRoundRequest request, absl::Duration timeout,
      std::function<void(const volume::v1::PushRoundResponse&)> on_message) override {
    if (channel_.deps.mutant == Mutant::kCommitOnSeal && request.round() == 0) {
      volume::v1::PushRoundResponse nothing;
      nothing.mutable_result()->set_bytes(0);
      on_message(nothing);
      co_return absl::OkStatus();
    }
    std::function<Task<absl::StatusOr<volume::v1::PushRoundResponse>>()> serve =
        [node = channel_.node, request] { return node->volume().PushRound(request); };
    auto pushed = co_await channel_.Call<volume::v1::PushRoundResponse>(
        "PushRound", timeout, Again::kParticipant, std::move(serve));
    if (!pushed.ok()) co_return pushed.status();
    on_message(*pushed);
    co_return absl::OkStatus();
  }

  Task<absl::StatusOr<volume::v1::SealResponse>> Seal(volume::v1::SealRequest request,
                                                      absl::Duration timeout) override {
    std::function<Task<absl::StatusOr<volume::v1::SealResponse>>()> serve =
        [node = channel_.node, request] { return node->volume().Seal(request); };
    auto sealed = co_await channel_.Call<volume::v1::SealResponse>(
        "Seal", timeout, Again::kParticipant, std::move(serve));
    if (channel_.deps.mutant != Mutant::kSealAckUntagged || !sealed.ok()) co_return sealed;
    HeardAnswers& heard = channel_.deps.heard;
    const std::string app = request.key().application();
    // What an earlier migration's seal answered comes first.
    if (heard.sealed.contains(app) && heard.sealed_for[app] != request.key().migration()) {
      co_return heard.sealed[app];
    }
    heard.sealed[app] = *sealed;
    heard.sealed_for[app] = request.key().migration();
    co_return sealed;
  }

  Task<absl::StatusOr<volume::v1::PrepareResponse>> Prepare(volume::v1::PrepareRequest request,
                                                            absl::Duration timeout) override {
    HeardAnswers& heard = channel_.deps.heard;
    const std::string app = request.key().application();
    const bool other =
        heard.prepared_for.contains(app) && heard.prepared_for[app] != request.key().migration();
    const bool skip = channel_.deps.mutant == Mutant::kCommitOnSeal ||
                      (channel_.deps.mutant == Mutant::kPrepAckUntagged && other);
    if (skip) co_return volume::v1::PrepareResponse();
    std::function<Task<absl::StatusOr<volume::v1::PrepareResponse>>()> serve =
        [node = channel_.node, request] { return node->volume().Prepare(request); };
    auto prepared = co_await channel_.Call<volume::v1::PrepareResponse>(
        "Prepare", timeout, Again::kParticipant, std::move(serve));
    if (prepared.ok()) heard.prepared_for[app] = request.key().migration();
    co_return prepared;
  }

  Task<absl::StatusOr<volume::v1::ActivateResponse>> Activate(volume::v1::ActivateRequest request,
                                                              absl::Duration timeout) override {
    if (channel_.deps.mutant == Mutant::kAbortAfterCommit) co_await AbortSource(request.key());
    if (channel_.deps.mutant == Mutant::kRetireAtCommit) co_await RetireSource(request.key());
    std::function<Task<absl::StatusOr<volume::v1::ActivateResponse>>()> serve =
        [node = channel_.node, request] { return node->volume().Activate(request); };
    co_return co_await channel_.Call<volume::v1::ActivateResponse>(
        "Activate", timeout, Again::kParticipant, std::move(serve));
  }

 private:
  Channel ToSource(const volume::v1::MigrationKey& key) {
    Channel source = channel_;
    source.node = &channel_.deps.find_node(channel_.deps.heard.source_of[key.migration()]);
    return source;
  }
  Task<void> AbortSource(volume::v1::MigrationKey key) {
    volume::v1::AbortMigrationRequest request;
    *request.mutable_key() = key;
    Channel source = ToSource(key);
    std::function<Task<absl::StatusOr<volume::v1::AbortMigrationResponse>>()> serve =
        [node = source.node, request] { return node->volume().Abort(request); };
    (void)co_await source.Call<volume::v1::AbortMigrationResponse>(
        "AbortMigration", absl::Seconds(5), Again::kParticipant, std::move(serve));
  }
  Task<void> RetireSource(volume::v1::MigrationKey key) {
    volume::v1::RetireGroupRequest request;
    *request.mutable_key() = key;
    Channel source = ToSource(key);
    std::function<Task<absl::StatusOr<volume::v1::RetireGroupResponse>>()> serve =
        [node = source.node, request] { return node->volume().RetireGroup(request); };
    (void)co_await source.Call<volume::v1::RetireGroupResponse>(
        "RetireGroup", absl::Seconds(5), Again::kParticipant, std::move(serve));
  }

  Channel channel_;
};

}  // namespace

std::shared_ptr<coordinator::NodeHandle> SimConnector::Connect(const NodeName& name,
                                                               const std::string& address) {
  const Channel channel{deps_, process_, &deps_.find_node(name.value())};
  auto handle = std::make_shared<coordinator::NodeHandle>();
  handle->name = name;
  handle->address = address;
  handle->volume = std::make_unique<VolumeClient>(channel);
  handle->container = std::make_unique<ContainerClient>(channel);
  handle->proxy = std::make_unique<ProxyClient>(channel);
  return handle;
}

}  // namespace drover::simulation
