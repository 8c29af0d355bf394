// The program that runs containers on this node.
#ifndef DROVER_SERVICES_CONTAINER_BACKEND_CONTAINER_ENGINE_H_
#define DROVER_SERVICES_CONTAINER_BACKEND_CONTAINER_ENGINE_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/async/task.h"
#include "services/common/ids/ids.h"
#include "services/container/domain/image_config.h"

namespace drover::container {

struct EngineVersion {
  // "Docker Engine 20.10.24".
  std::string product;
  // The API version agreed on: "1.41".
  std::string api;
};

struct ImageInfo {
  // The image's config digest: "sha256:…".
  std::string digest;
  ImageConfig config;
};

struct BindMount {
  std::string source;
  std::string target;
  bool read_only = false;
  // Mounts made below `source` after the start appear in the container.
  bool follows_mounts = false;
};

// A container that is to be made. Whatever this does not name is the engine's default; the engine
// neither restarts it nor runs a health check.
struct ContainerOptions {
  // Empty: the engine invents one.
  std::string name;
  std::string image;
  std::vector<std::string> entrypoint;
  std::vector<std::string> command;
  std::vector<std::string> environment;
  std::map<std::string, std::string> labels;
  std::vector<BindMount> mounts;
  // TCP ports that hosts may reach: each is also published on a loopback port of the engine's
  // choice, since that makes the engine accept packets for the container's own address.
  std::vector<int> ports;
  // Bytes; 0 = no limit.
  int64_t memory_limit = 0;
  // 0 = the engine's default.
  int cpu_shares = 0;
};

struct ContainerInfo {
  ContainerId id;
  std::string name;
  std::map<std::string, std::string> labels;
  // The image as it was asked for, and its digest.
  std::string image;
  std::string image_digest;
  bool running = false;
  // Its first process, as this machine counts; 0 unless running.
  int pid = 0;
  int exit_code = 0;
  // InfinitePast if it never started.
  absl::Time started_at = absl::InfinitePast();
  // Address on the engine's network; empty unless running.
  std::string address;
  // The image's; empty means SIGTERM.
  std::string stop_signal;
};

struct ContainerEvent {
  enum class Kind { kStarted, kEnded };
  Kind kind = Kind::kStarted;
  ContainerId id;
  // Meaningful for kEnded.
  int exit_code = 0;
};

struct PullProgress {
  int64_t done_bytes = 0;
  // 0 = unknown.
  int64_t total_bytes = 0;
};

struct LogChunk {
  bool is_error_output = false;
  std::string data;
};

struct LogOptions {
  bool follow = false;
  // Lines from the end; 0 = all.
  int tail = 0;
};

// A program run beside the application, in its container.
struct ExecOptions {
  std::vector<std::string> command;
  std::string working_directory;
};

// The next piece of a stream, at most 256 KiB; empty at its end. Must outlive its tasks.
using ByteSource = std::function<Task<absl::StatusOr<std::string>>()>;
// Takes a container's output in order. An error ends the stream, and is what its producer answers.
using LogSink = std::function<Task<absl::Status>(LogChunk)>;

// All calls: UNAVAILABLE (ENGINE_DOWN) if the engine does not answer; NOT_FOUND if there is no such
// container or image. Used on one executor.
class ContainerEngine {
 public:
  virtual ~ContainerEngine() = default;

  virtual Task<absl::StatusOr<EngineVersion>> GetVersion() = 0;

  virtual Task<absl::StatusOr<ImageInfo>> InspectImage(std::string image) = 0;
  // NOT_FOUND (IMAGE_NOT_FOUND), UNAVAILABLE (REGISTRY_UNREACHABLE) or FAILED_PRECONDITION
  // (REGISTRY_NOT_TRUSTED).
  virtual Task<absl::Status> PullImage(std::string image,
                                       std::function<void(PullProgress)> on_progress) = 0;
  // A tar stream that ImportImage of any engine reads, the image's reference included.
  virtual Task<absl::StatusOr<ByteSource>> ExportImage(std::string image) = 0;
  virtual Task<absl::Status> ImportImage(ByteSource source) = 0;

  // ALREADY_EXISTS if the name is taken.
  virtual Task<absl::StatusOr<ContainerId>> CreateContainer(ContainerOptions options) = 0;
  // OK if it runs already.
  virtual Task<absl::Status> StartContainer(ContainerId id) = 0;
  // SIGKILL to its first process, also if it is paused. OK if it does not run.
  virtual Task<absl::Status> KillContainer(ContainerId id) = 0;
  // With the volumes that the engine made for it; kills it if it runs. OK if there is none.
  virtual Task<absl::Status> RemoveContainer(ContainerId id) = 0;
  virtual Task<absl::StatusOr<ContainerInfo>> InspectContainer(ContainerId id) = 0;
  // Those that carry the label, running or not.
  virtual Task<absl::StatusOr<std::vector<ContainerInfo>>> ListContainers(std::string label) = 0;

  // Events of containers that carry the label, from now on; `on_ready` is called once none can be
  // missed any more. Answers only when the engine ends the stream.
  virtual Task<absl::Status> WatchEvents(std::string label, std::function<void()> on_ready,
                                         std::function<void(ContainerEvent)> on_event) = 0;
  virtual Task<absl::Status> ReadLogs(ContainerId id, LogOptions options, LogSink sink) = 0;
  // What a container that has neither mounts nor ever run holds in folder `path`, as a tar stream
  // whose first entry is `./`. NOT_FOUND if it has no such folder, or there is no such container.
  virtual Task<absl::StatusOr<ByteSource>> CopyOut(ContainerId id, std::string path) = 0;
  // The exit code.
  virtual Task<absl::StatusOr<int>> Exec(ContainerId id, ExecOptions options,
                                         absl::Duration timeout) = 0;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_BACKEND_CONTAINER_ENGINE_H_
