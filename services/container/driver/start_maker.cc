#include "services/container/driver/start_maker.h"

#include <glog/logging.h>

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/container/domain/command.h"
#include "services/container/domain/environment.h"
#include "services/container/domain/image_volumes.h"
#include "services/container/gate/wire.h"

namespace drover::container {
namespace {

constexpr absl::Duration kVolumeTimeout = absl::Seconds(30);
constexpr absl::Duration kSeedTimeout = absl::Hours(1);

std::optional<Words> WordsOf(bool present, const drover::common::v1::StringList& list) {
  if (!present) return std::nullopt;
  return Words(list.values().begin(), list.values().end());
}

std::vector<std::string> EnvironmentOf(const drover::common::v1::ApplicationSpec& spec,
                                       const ImageConfig& image, const std::string& node_address) {
  std::vector<LinkedPort> links;
  for (const auto& link : spec.links()) {
    links.push_back({.alias = link.alias(),
                     .local_port = link.local_port(),
                     .remote_port = link.remote_port()});
  }
  return MergeEnvironment(image.environment, LinkVariables(links, node_address),
                          {spec.environment().begin(), spec.environment().end()});
}

}  // namespace

void NoteContainer(const ContainerInfo& container, Application* application) {
  application->facts.ended = !container.running;
  application->exit_code = container.exit_code;
  application->started_at = container.started_at;
  application->address = container.address;
  application->pid = container.pid;
  application->record.set_image_digest(container.image_digest);
}

Task<absl::Status> StartMaker::Make(std::shared_ptr<Application> application) {
  const absl::Status made = co_await MakeContainer(application);
  if (made.ok()) co_return made;
  const std::string start_id = application->record.start_id();
  const absl::Status removed = co_await Remove(application->name(), start_id);
  application->ForgetStart();
  application->problem = std::string(made.message());
  if (!removed.ok()) {
    // The next start, or the application's removal, cleans up after this one.
    application->record.set_start_id(start_id);
    co_return Annotate(
        made, absl::StrCat("(and the attempt could not be cleaned up: ", removed.message(), ")"));
  }
  co_return made;
}

Task<absl::Status> StartMaker::MakeContainer(std::shared_ptr<Application> application) {
  const auto& spec = application->record.spec();
  absl::StatusOr<ImageInfo> image = co_await deps_.engine.InspectImage(spec.image());
  if (absl::IsNotFound(image.status())) {
    co_return StatusWithReason(absl::StatusCode::kNotFound, "IMAGE_NOT_FOUND",
                               absl::StrCat("the image ", spec.image(), " is not on this node"));
  }
  if (!image.ok()) co_return image.status();
  application->image = image->config;
  DROVER_CO_ASSIGN_OR_RETURN(
      const Words command,
      ResolveCommand(image->config, WordsOf(spec.has_entrypoint(), spec.entrypoint()),
                     WordsOf(spec.has_command(), spec.command())));

  volume::v1::AttachSlotsRequest attach;
  attach.set_application(spec.name());
  attach.set_start_id(application->record.start_id());
  *attach.mutable_volumes() = spec.volumes();
  DROVER_CO_ASSIGN_OR_RETURN(const volume::v1::AttachSlotsResponse slots,
                             co_await deps_.volumes.AttachSlots(attach, kVolumeTimeout));

  ContainerOptions options = OptionsFor(*application, slots, command);
  absl::StatusOr<ContainerId> id = co_await deps_.engine.CreateContainer(std::move(options));
  if (absl::IsAlreadyExists(id.status())) {
    co_return absl::FailedPreconditionError(
        absl::StrCat("a container named drover--", spec.name(),
                     " that is not Drover's is on this node; remove or rename it"));
  }
  if (!id.ok()) co_return id.status();
  application->record.set_container_id(id->value());
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.engine.StartContainer(*id));
  DROVER_CO_ASSIGN_OR_RETURN(const ContainerInfo container,
                             co_await deps_.engine.InspectContainer(*id));
  NoteContainer(container, application.get());
  application->record.set_stop_signal(container.stop_signal);
  co_await ConnectToItself(container);

  volume::v1::AwaitGateRequest await;
  await.set_application(spec.name());
  await.set_start_id(application->record.start_id());
  await.set_container_id(id->value());
  DROVER_CO_ASSIGN_OR_RETURN(const auto gate,
                             co_await deps_.volumes.AwaitGate(await, kVolumeTimeout));
  application->facts.gate_reported = true;
  co_return absl::OkStatus();
}

Task<absl::Status> StartMaker::CheckImage(common::v1::ApplicationSpec spec) {
  const absl::StatusOr<ImageInfo> image = co_await deps_.engine.InspectImage(spec.image());
  // Whoever makes the container says what is wrong with it.
  if (!image.ok()) co_return absl::OkStatus();
  co_return CheckImageVolumes(image->config.volumes, MountpointsOf(spec));
}

Task<void> StartMaker::ConnectToItself(ContainerInfo container) {
  BridgePorts& ports = deps_.bridge_ports;
  auto connect = [&ports, pid = container.pid] { return ports.LetTalkToItself(pid); };
  const absl::Status connected = co_await RunBlocking(deps_.pool, std::move(connect));
  // All but this one way to it works.
  LOG_IF(WARNING, !connected.ok()) << container.name << " cannot reach its own port: " << connected;
}

ContainerOptions StartMaker::OptionsFor(const Application& application,
                                        const volume::v1::AttachSlotsResponse& slots,
                                        const std::vector<std::string>& command) const {
  const auto& record = application.record;
  const auto& spec = record.spec();
  const std::string& directory = application.image.working_directory;
  ContainerOptions options;
  options.name = absl::StrCat("drover--", spec.name());
  options.image = spec.image();
  options.entrypoint = {gate::kGateProgram};
  options.command = {gate::kControlSocket, record.start_id(), directory.empty() ? "/" : directory};
  options.mounts = {
      {.source = options_.gate_path, .target = gate::kGateProgram, .read_only = true},
      {.source = slots.control_directory(), .target = gate::kControlDirectory, .read_only = true}};
  for (const volume::v1::Slot& slot : slots.slots()) {
    options.command.push_back(slot.mountpoint());
    options.mounts.push_back(
        {.source = slot.path(), .target = slot.mountpoint(), .follows_mounts = true});
  }
  options.command.push_back("--");
  options.command.insert(options.command.end(), command.begin(), command.end());
  options.environment = EnvironmentOf(spec, application.image, options_.node_address);
  options.labels = {{kApplicationLabel, spec.name()},
                    {kGenerationLabel, absl::StrCat(record.generation())},
                    {kConfigHashLabel, record.config_hash()},
                    {kStartLabel, record.start_id()}};
  for (const auto& port : spec.ports()) options.ports.push_back(port.internal_port());
  options.memory_limit = spec.memory_limit_bytes();
  options.cpu_shares = spec.cpu_shares();
  return options;
}

Task<absl::Status> StartMaker::Remove(std::string application, std::string start_id) {
  DROVER_CO_ASSIGN_OR_RETURN(
      const std::vector<ContainerInfo> containers,
      co_await deps_.engine.ListContainers(absl::StrCat(kApplicationLabel, "=", application)));
  std::set<std::string> starts;
  if (!start_id.empty()) starts.insert(start_id);
  for (const ContainerInfo& container : containers) {
    DROVER_CO_RETURN_IF_ERROR(co_await deps_.engine.RemoveContainer(container.id));
    auto start = container.labels.find(kStartLabel);
    if (start != container.labels.end()) starts.insert(start->second);
  }
  for (const std::string& start : starts) {
    volume::v1::ReleaseSlotsRequest release;
    release.set_application(application);
    release.set_start_id(start);
    const auto released = co_await deps_.volumes.ReleaseSlots(release, kVolumeTimeout);
    if (!released.ok()) co_return released.status();
  }
  co_return absl::OkStatus();
}

Task<absl::Status> StartMaker::Seed(v1::StartRecord record, std::set<std::string> volumes) {
  if (volumes.empty()) co_return absl::OkStatus();
  // A container of its own, without mounts and never started: in the application's the empty slots
  // cover what the image holds.
  ContainerOptions options;
  options.image = record.spec().image();
  options.entrypoint = {gate::kGateProgram};
  options.labels[kSeedLabel] = record.spec().name();
  DROVER_CO_ASSIGN_OR_RETURN(const ContainerId id, co_await deps_.engine.CreateContainer(options));
  const absl::Status seeded = co_await SeedFrom(id, std::move(record), std::move(volumes));
  const absl::Status removed = co_await deps_.engine.RemoveContainer(id);
  co_return seeded.ok() ? removed : seeded;
}

Task<absl::Status> StartMaker::SeedFrom(ContainerId container, v1::StartRecord record,
                                        std::set<std::string> volumes) {
  for (const auto& volume : record.spec().volumes()) {
    if (!volumes.contains(volume.id())) continue;
    absl::StatusOr<ByteSource> content =
        co_await deps_.engine.CopyOut(container, volume.mountpoint());
    if (absl::IsNotFound(content.status())) {
      // Either the image has no such folder, or somebody has removed the container. What is not
      // filled now never is.
      const auto container_info = co_await deps_.engine.InspectContainer(container);
      if (absl::IsNotFound(container_info.status())) {
        co_return absl::UnavailableError(
            "the container that new volumes are filled from was removed meanwhile");
      }
      if (!container_info.ok()) co_return container_info.status();
      continue;
    }
    if (!content.ok()) co_return content.status();
    const auto seeded = co_await deps_.volumes.SeedVolume(record.spec().name(), volume.id(),
                                                          *std::move(content), kSeedTimeout);
    if (!seeded.ok()) co_return Annotate(seeded.status(), "cannot fill the new volume");
  }
  co_return absl::OkStatus();
}

}  // namespace drover::container
