#include "services/container/backend/fake_engine.h"

#include <signal.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"

namespace drover::container {
namespace {

constexpr int kExitCodeOfKill = 137;

ByteSource Once(std::string text) {
  auto rest = std::make_shared<std::string>(std::move(text));
  return [rest]() -> Task<absl::StatusOr<std::string>> { co_return std::exchange(*rest, ""); };
}

bool Matches(const std::map<std::string, std::string>& labels, const std::string& filter) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(filter, absl::MaxSplits('=', 1));
  auto label = labels.find(parts.first);
  return label != labels.end() && (parts.second.empty() || label->second == parts.second);
}

}  // namespace

absl::Status FakeEngine::Check() const {
  if (!down) return absl::OkStatus();
  return StatusWithReason(absl::StatusCode::kUnavailable, "ENGINE_DOWN", "the engine is down");
}

absl::StatusOr<FakeEngine::Container*> FakeEngine::Find(const ContainerId& id) {
  DROVER_RETURN_IF_ERROR(Check());
  auto container = containers.find(id);
  if (container == containers.end()) return absl::NotFoundError("No such container");
  return &container->second;
}

void FakeEngine::Tell(ContainerEvent::Kind kind, const Container& container) {
  if (!on_event_) return;
  ContainerEvent event;
  event.kind = kind;
  event.id = container.info.id;
  event.exit_code = container.info.exit_code;
  on_event_(event);
}

void FakeEngine::Run(Container& container) {
  container.info.running = true;
  container.info.pid = ++next_pid_;
  container.info.started_at = absl::FromUnixSeconds(++clock_);
  container.info.address = "127.0.0.1";
  Tell(ContainerEvent::Kind::kStarted, container);
}

void FakeEngine::End(const ContainerId& id, int exit_code) {
  Container& container = containers.at(id);
  if (!container.info.running) return;
  container.info.running = false;
  container.info.pid = 0;
  container.info.exit_code = exit_code;
  container.info.address.clear();
  Tell(ContainerEvent::Kind::kEnded, container);
}

void FakeEngine::Signal(const ContainerId& id, int signal) {
  signals.push_back(signal);
  if (paused) return;
  if (signal == SIGKILL || !ignores_signals) forgotten.erase(id);
  if (containers.count(id) == 0) return;
  if (signal == SIGKILL) {
    End(id, kExitCodeOfKill);
  } else if (!ignores_signals) {
    End(id, exit_code_of_signal);
  }
}

void FakeEngine::Forget(const ContainerId& id) { forgotten.insert(containers.extract(id)); }

void FakeEngine::RestartByHand(const ContainerId& id) {
  End(id, kExitCodeOfKill);
  Run(containers.at(id));
}

void FakeEngine::StopWatching() {
  stop_requested_ = true;
  if (auto stop = std::exchange(stop_watching_, nullptr)) stop(true);
}

Task<absl::StatusOr<EngineVersion>> FakeEngine::GetVersion() {
  DROVER_CO_RETURN_IF_ERROR(Check());
  EngineVersion version;
  version.product = "Fake Engine 1";
  version.api = "1.41";
  co_return version;
}

Task<absl::StatusOr<ImageInfo>> FakeEngine::InspectImage(std::string image) {
  DROVER_CO_RETURN_IF_ERROR(Check());
  for (const auto& [name, candidate] : images) {
    if (name == image || candidate.info.digest == image) co_return candidate.info;
  }
  co_return absl::NotFoundError("No such image");
}

Task<absl::Status> FakeEngine::PullImage(std::string image,
                                         std::function<void(PullProgress)> on_progress) {
  DROVER_CO_RETURN_IF_ERROR(Check());
  if (!pull_error.ok()) co_return pull_error;
  auto found = registry.find(image);
  if (found == registry.end()) {
    co_return StatusWithReason(absl::StatusCode::kNotFound, "IMAGE_NOT_FOUND",
                               absl::StrCat("the registry has no image ", image));
  }
  PullProgress progress;
  progress.done_bytes = progress.total_bytes = 1;
  on_progress(progress);
  images[image] = found->second;
  co_return absl::OkStatus();
}

Task<absl::StatusOr<ByteSource>> FakeEngine::ExportImage(std::string image) {
  DROVER_CO_ASSIGN_OR_RETURN(const ImageInfo info, co_await InspectImage(image));
  co_return Once(absl::StrCat(image, " ", info.digest));
}

Task<absl::Status> FakeEngine::ImportImage(ByteSource source) {
  DROVER_CO_RETURN_IF_ERROR(Check());
  std::string tar;
  while (true) {
    DROVER_CO_ASSIGN_OR_RETURN(const std::string piece, co_await source());
    if (piece.empty()) break;
    tar += piece;
  }
  const std::pair<std::string, std::string> parts = absl::StrSplit(tar, ' ');
  if (parts.second.empty()) co_return absl::DataLossError("not an image");
  images[parts.first].info.digest = parts.second;
  co_return absl::OkStatus();
}

Task<absl::StatusOr<ContainerId>> FakeEngine::CreateContainer(ContainerOptions options) {
  DROVER_CO_ASSIGN_OR_RETURN(const ImageInfo image, co_await InspectImage(options.image));
  for (const auto& [id, container] : containers) {
    if (!options.name.empty() && container.info.name == options.name) {
      co_return absl::AlreadyExistsError("Conflict");
    }
  }
  Container container;
  container.info.id = ContainerId(absl::StrFormat("%064x", next_id_++));
  container.info.name = options.name;
  container.info.labels = options.labels;
  container.info.image = options.image;
  container.info.image_digest = image.digest;
  container.info.stop_signal = image.config.stop_signal;
  container.options = std::move(options);
  const ContainerId id = container.info.id;
  containers[id] = std::move(container);
  co_return id;
}

Task<absl::Status> FakeEngine::StartContainer(ContainerId id) {
  DROVER_CO_ASSIGN_OR_RETURN(Container * container, Find(id));
  if (!container->info.running) Run(*container);
  co_return absl::OkStatus();
}

Task<absl::Status> FakeEngine::KillContainer(ContainerId id) {
  DROVER_CO_ASSIGN_OR_RETURN(Container * container, Find(id));
  if (container->info.running) End(id, kExitCodeOfKill);
  co_return absl::OkStatus();
}

Task<absl::Status> FakeEngine::RemoveContainer(ContainerId id) {
  DROVER_CO_RETURN_IF_ERROR(Check());
  if (containers.count(id) == 0) co_return absl::OkStatus();
  End(id, kExitCodeOfKill);
  containers.erase(id);
  co_return absl::OkStatus();
}

Task<absl::StatusOr<ContainerInfo>> FakeEngine::InspectContainer(ContainerId id) {
  DROVER_CO_ASSIGN_OR_RETURN(Container * container, Find(id));
  co_return container->info;
}

Task<absl::StatusOr<std::vector<ContainerInfo>>> FakeEngine::ListContainers(std::string label) {
  DROVER_CO_RETURN_IF_ERROR(Check());
  std::vector<ContainerInfo> result;
  for (const auto& [id, container] : containers) {
    if (Matches(container.info.labels, label)) result.push_back(container.info);
  }
  co_return result;
}

Task<absl::Status> FakeEngine::WatchEvents(std::string label, std::function<void()> on_ready,
                                           std::function<void(ContainerEvent)> on_event) {
  DROVER_CO_RETURN_IF_ERROR(Check());
  on_event_ = [this, label, on_event](ContainerEvent event) {
    if (Matches(containers.at(event.id).info.labels, label)) on_event(event);
  };
  on_ready();
  auto wait = [this](Completion<bool> stop) { stop_watching_ = std::move(stop); };
  if (!stop_requested_) co_await AwaitCallback<bool>(std::move(wait));
  stop_requested_ = false;
  on_event_ = nullptr;
  co_return absl::OkStatus();
}

Task<absl::Status> FakeEngine::ReadLogs(ContainerId id, LogOptions options, LogSink sink) {
  DROVER_CO_ASSIGN_OR_RETURN(Container * container, Find(id));
  static_cast<void>(container);
  for (const LogChunk& chunk : output) {
    DROVER_CO_RETURN_IF_ERROR(co_await sink(chunk));
  }
  co_return absl::OkStatus();
}

Task<absl::StatusOr<ByteSource>> FakeEngine::CopyOut(ContainerId id, std::string path) {
  if (before_copy_out) before_copy_out();
  DROVER_CO_ASSIGN_OR_RETURN(Container * container, Find(id));
  const Image& image = images.at(container->info.image);
  auto folder = image.folders.find(path);
  if (folder == image.folders.end()) co_return absl::NotFoundError("no such folder");
  co_return Once(folder->second);
}

Task<absl::StatusOr<int>> FakeEngine::Exec(ContainerId id, ExecOptions options,
                                           absl::Duration timeout) {
  DROVER_CO_ASSIGN_OR_RETURN(Container * container, Find(id));
  if (!container->info.running) co_return absl::AlreadyExistsError("it does not run");
  co_return on_exec ? on_exec(options) : 0;
}

}  // namespace drover::container
