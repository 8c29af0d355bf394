// A node's container service: the steps of its drivers.
#ifndef DROVER_TESTING_SIMULATION_CONTAINER_AGENT_H_
#define DROVER_TESTING_SIMULATION_CONTAINER_AGENT_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "drover/container/v1/container_service.pb.h"
#include "drover/container/v1/record.pb.h"
#include "services/common/async/async_mutex.h"
#include "testing/simulation/node_context.h"
#include "testing/simulation/volume_agent.h"

namespace drover::simulation {

// Follows application_runner.cc, container_driver.cc, restarter.cc and application_recovery.cc: the
// order of what is durable and what is done. One start of the service. Used in its process.
class ContainerAgent {
 public:
  using Status = absl::Status;
  template <class T>
  using Answer = Task<absl::StatusOr<T>>;
  ContainerAgent(NodeContext& context, VolumeAgent& volumes)
      : context_(context), volumes_(volumes) {}

  // Looks after what ran, in the background.
  void Recover();
  // The engine says that a program ended, or got ready.
  void OnEngineEvent(const ApplicationName& application);

  Answer<container::v1::GetEngineResponse> GetEngine();
  Answer<container::v1::ListContainersResponse> ListContainers();
  Answer<container::v1::StageContainerResponse> Stage(container::v1::StageContainerRequest request);
  Answer<container::v1::StartContainerResponse> Start(container::v1::StartContainerRequest request);
  Answer<container::v1::AwaitReadyResponse> AwaitReady(container::v1::AwaitReadyRequest request);
  Answer<container::v1::RemoveContainerResponse> Remove(
      container::v1::RemoveContainerRequest request);
  // For the volume service of this node.
  Task<Status> Stop(ApplicationName application);

 private:
  using Record = container::v1::StartRecord;
  struct Wanted {
    drover::common::v1::ApplicationSpec spec;
    int64_t generation = 0;
    std::string config_hash;
    std::string migration;
  };

  const Record* Find(const std::string& name) const;
  Task<void> Save(Record record);
  // The container of the record's start; null if it has none.
  SimContainer* ContainerOf(const Record& record);
  bool WasOpened(const Record& record) const;
  // It ended a moment ago, and nobody has looked at that yet.
  bool IsEndUndecided(const Record& record);
  container::v1::Container View(const Record& record);
  Task<Status> NewStart(Record before, Wanted wanted, Record::Intent intent);
  Task<Status> Make(std::string name);
  Task<Status> RemoveContainers(ApplicationName application, StartId start);
  Status CheckOwnGroup(const Wanted& wanted) const;
  Task<Status> StartLocked(Wanted wanted, bool restart);
  Task<Status> EndProcesses(ApplicationName application);
  Task<void> RecoverOne(std::string name);
  Task<Status> TryRecover(std::string name);
  Task<void> FollowEnd(std::string name);
  void Spawn(Task<void> task);

  NodeContext& context_;
  VolumeAgent& volumes_;
  KeyedMutex locks_;
  ChangeSignal changed_;
  // By application: the start whose end was noticed, and what follows from it decided.
  std::map<std::string, std::string> ended_;
};

}  // namespace drover::simulation

#endif  // DROVER_TESTING_SIMULATION_CONTAINER_AGENT_H_
