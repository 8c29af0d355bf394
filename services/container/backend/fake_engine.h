// A ContainerEngine in memory, for unit tests.
#ifndef DROVER_SERVICES_CONTAINER_BACKEND_FAKE_ENGINE_H_
#define DROVER_SERVICES_CONTAINER_BACKEND_FAKE_ENGINE_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "services/container/backend/container_engine.h"

namespace drover::container {

// Its applications run until they are killed or End is called; a stop signal ends them unless
// `ignores_signals`. Used on one executor.
class FakeEngine : public ContainerEngine {
 public:
  struct Image {
    ImageInfo info;
    // What it holds, by folder.
    std::map<std::string, std::string> folders;
  };
  struct Container {
    ContainerInfo info;
    ContainerOptions options;
  };

  // --- what tests set and look at ---
  std::map<std::string, Image> images;
  // What PullImage finds.
  std::map<std::string, Image> registry;
  // What each pull fails with, if not OK.
  absl::Status pull_error;
  std::map<ContainerId, Container> containers;
  // Their processes go on, but the engine knows nothing of them: it has lost its disk.
  std::map<ContainerId, Container> forgotten;
  bool down = false;
  bool ignores_signals = false;
  // No signal ends a container that is paused, but for the engine's own.
  bool paused = false;
  // The exit code of what a stop signal ends.
  int exit_code_of_signal = 7;
  // What every container has written.
  std::vector<LogChunk> output;
  std::vector<int> signals;
  std::function<int(const ExecOptions&)> on_exec;
  // Called by CopyOut before anything else.
  std::function<void()> before_copy_out;

  // The application ends by itself.
  void End(const ContainerId& id, int exit_code);
  // What the kernel does with a signal to its first process.
  void Signal(const ContainerId& id, int signal);
  void Forget(const ContainerId& id);
  // Somebody starts the container again behind our back.
  void RestartByHand(const ContainerId& id);

  Task<absl::StatusOr<EngineVersion>> GetVersion() override;
  Task<absl::StatusOr<ImageInfo>> InspectImage(std::string image) override;
  Task<absl::Status> PullImage(std::string image,
                               std::function<void(PullProgress)> on_progress) override;
  Task<absl::StatusOr<ByteSource>> ExportImage(std::string image) override;
  Task<absl::Status> ImportImage(ByteSource source) override;
  Task<absl::StatusOr<ContainerId>> CreateContainer(ContainerOptions options) override;
  Task<absl::Status> StartContainer(ContainerId id) override;
  Task<absl::Status> KillContainer(ContainerId id) override;
  Task<absl::Status> RemoveContainer(ContainerId id) override;
  Task<absl::StatusOr<ContainerInfo>> InspectContainer(ContainerId id) override;
  Task<absl::StatusOr<std::vector<ContainerInfo>>> ListContainers(std::string label) override;
  // Answers after StopWatching.
  Task<absl::Status> WatchEvents(std::string label, std::function<void()> on_ready,
                                 std::function<void(ContainerEvent)> on_event) override;
  Task<absl::Status> ReadLogs(ContainerId id, LogOptions options, LogSink sink) override;
  Task<absl::StatusOr<ByteSource>> CopyOut(ContainerId id, std::string path) override;
  Task<absl::StatusOr<int>> Exec(ContainerId id, ExecOptions options,
                                 absl::Duration timeout) override;

  // Ends WatchEvents.
  void StopWatching();

 private:
  absl::Status Check() const;
  absl::StatusOr<Container*> Find(const ContainerId& id);
  void Run(Container& container);
  void Tell(ContainerEvent::Kind kind, const Container& container);

  int64_t clock_ = 1'700'000'000;
  int next_id_ = 1;
  int next_pid_ = 1000;
  std::function<void(ContainerEvent)> on_event_;
  Completion<bool> stop_watching_;
  bool stop_requested_ = false;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_BACKEND_FAKE_ENGINE_H_
