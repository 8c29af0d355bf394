// A node's volume service: the steps of its drivers, with the real rules of its records.
#ifndef DROVER_TESTING_SIMULATION_VOLUME_AGENT_H_
#define DROVER_TESTING_SIMULATION_VOLUME_AGENT_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "drover/volume/v1/volume_service.pb.h"
#include "services/common/async/async_mutex.h"
#include "services/volume/domain/group_record.h"
#include "services/volume/driver/group_manager.h"
#include "testing/simulation/node_context.h"

namespace drover::simulation {

// What is sent to a peer.
struct SimTransfer {
  ApplicationName application;
  volume::MigrationKey key;
  volume::SnapshotRef snapshot;
  // Empty: all of it is sent.
  std::string base_identity;
  Version content = 0;
  bool final_round = false;
};

// Follows group_manager.cc, sealer.cc, app_starts.cc, push_rounds.cc and receiver.cc step by step:
// each step that is durable, or takes time, is one here, and a crash may come between any two. One
// start of the service. Used in its process.
class VolumeAgent {
 public:
  using Status = absl::Status;
  template <class T>
  using Answer = Task<absl::StatusOr<T>>;
  struct Peers {
    // Identities of the snapshots that the peer holds.
    std::function<Answer<std::vector<std::string>>(std::string node, ApplicationName)> snapshots;
    std::function<Answer<bool>(std::string node, SimTransfer)> send;
    // The container service of this node.
    std::function<Task<Status>(ApplicationName)> stop_container;
  };
  VolumeAgent(NodeContext& context, Peers peers) : context_(context), peers_(std::move(peers)) {}

  // Before anything else.
  Task<void> Recover();

  Answer<volume::v1::ListGroupsResponse> ListGroups();
  Answer<volume::v1::CreateGroupResponse> CreateGroup(volume::v1::CreateGroupRequest request);
  Answer<volume::v1::LockGroupResponse> LockGroup(volume::v1::LockGroupRequest request);
  Answer<volume::v1::ReserveGroupResponse> ReserveGroup(volume::v1::ReserveGroupRequest request);
  Answer<volume::v1::PushRoundResponse> PushRound(volume::v1::PushRoundRequest request);
  Answer<volume::v1::SealResponse> Seal(volume::v1::SealRequest request);
  Answer<volume::v1::PrepareResponse> Prepare(volume::v1::PrepareRequest request);
  Answer<volume::v1::ActivateResponse> Activate(volume::v1::ActivateRequest request);
  Answer<volume::v1::RetireGroupResponse> RetireGroup(volume::v1::RetireGroupRequest request);
  Answer<volume::v1::FinishMigrationResponse> Finish(volume::v1::FinishMigrationRequest request);
  Answer<volume::v1::AbortMigrationResponse> Abort(volume::v1::AbortMigrationRequest request);

  // For peers.
  Answer<std::vector<std::string>> Snapshots(ApplicationName application);
  Answer<bool> Receive(SimTransfer transfer);

  // For the container service of this node.
  Task<Status> AttachSlots(StartId start, ApplicationName application);
  Task<Status> AwaitGate(StartId start, ContainerId container);
  Task<Status> OpenGate(StartId start, ApplicationName application);
  Task<Status> ReleaseSlots(StartId start, ApplicationName application);
  std::optional<volume::GroupRecord> Find(const ApplicationName& application) const;

 private:
  struct Participant {
    ApplicationName application;
    volume::MigrationKey key;
  };
  absl::StatusOr<Participant> Admit(const volume::v1::MigrationKey& key);
  absl::StatusOr<volume::GroupRecord> Get(const ApplicationName& application) const;
  Task<Status> Save(volume::GroupRecord record);
  volume::v1::VolumeGroup View(const volume::GroupRecord& record);
  Task<Status> CleanUp(volume::GroupRecord record);
  Task<Status> OpenLocked(volume::GroupRecord record, StartId start);
  Task<Status> WaitingGate(StartId start, ApplicationName application);
  Status ProveDead(const volume::GroupRecord& record);
  Task<Status> ReleaseLocked(StartId start, ApplicationName application);
  Task<Status> TakeSnapshot(ApplicationName application, std::string name);
  Answer<volume::v1::PushResult> Push(Participant who, int round, std::string destination);
  Answer<volume::v1::PrepareResponse> PrepareToEnd(volume::v1::PrepareRequest request);
  Task<absl::StatusOr<bool>> SealToEnd(Participant who);
  // A source that does not wait for ever: one of the mutants.
  void UnsealLater(Participant who);
  Task<void> UnsealAlone(Participant who);

  // The snapshot of that name, or null.
  SimSnapshot* FindSnapshot(const ApplicationName& application, const std::string& name);

  NodeContext& context_;
  const Peers peers_;
  KeyedMutex locks_;
  std::map<ApplicationName, volume::GroupRecord> records_;
  // Rounds that were sent, with their result; those under way have none.
  std::map<std::pair<MigrationId, int>, std::optional<volume::v1::PushResult>> rounds_;
  // Migrations whose rounds were given up.
  std::set<MigrationId> cancelled_;
  ChangeSignal pushed_;
  // Counts attempts to receive: a newer one of an application ends an older one.
  std::map<ApplicationName, int64_t> receiving_;
};

}  // namespace drover::simulation

#endif  // DROVER_TESTING_SIMULATION_VOLUME_AGENT_H_
