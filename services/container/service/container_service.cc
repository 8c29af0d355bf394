#include "services/container/service/container_service.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"
#include "services/common/time/proto_time.h"
#include "services/container/backend/host_memory.h"
#include "services/container/driver/stream_digest.h"
#include "services/container/service/container_proto.h"
#include "services/container/service/progress_queue.h"

namespace drover::container {
namespace {

absl::Status ClientGone() { return absl::CancelledError("the client is gone"); }

absl::Status CheckWanted(const drover::common::v1::ApplicationSpec& spec, int64_t generation,
                         const std::string& config_hash) {
  if (spec.name().empty()) return absl::InvalidArgumentError("spec.name is missing");
  if (spec.image().empty()) return absl::InvalidArgumentError("spec.image is missing");
  if (generation <= 0) return absl::InvalidArgumentError("generation must be positive");
  if (config_hash.empty()) return absl::InvalidArgumentError("config_hash is missing");
  return absl::OkStatus();
}

OrderTime TimeOfOrder(const drover::common::v1::Fence& fence) {
  return {.epoch = fence.epoch(), .sequence = fence.sequence()};
}

}  // namespace

absl::Status ContainerServiceImpl::CheckFence(const drover::common::v1::Fence& fence) {
  return deps_.fence.Check(fence);
}

Task<absl::StatusOr<v1::GetEngineResponse>> ContainerServiceImpl::DescribeEngine() {
  v1::GetEngineResponse response;
  const absl::StatusOr<EngineVersion> version = co_await deps_.engine.GetVersion();
  v1::Engine& engine = *response.mutable_engine();
  engine.set_reachable(version.ok());
  if (version.ok()) {
    engine.set_version(version->product);
    engine.set_api_version(version->api);
  } else {
    engine.set_problem(std::string(version.status().message()));
  }
  co_return response;
}

Task<absl::StatusOr<v1::StageContainerResponse>> ContainerServiceImpl::Stage(
    v1::StageContainerRequest request) {
  DROVER_CO_RETURN_IF_ERROR(CheckFence(request.fence()));
  DROVER_CO_RETURN_IF_ERROR(
      CheckWanted(request.spec(), request.generation(), request.config_hash()));
  orders_.Note(request.spec().name(), TimeOfOrder(request.fence()));
  ContainerDriver::Wanted wanted;
  wanted.spec = request.spec();
  wanted.generation = request.generation();
  wanted.config_hash = request.config_hash();
  wanted.migration = request.migration();
  DROVER_CO_ASSIGN_OR_RETURN(const Application application,
                             co_await deps_.driver.Stage(std::move(wanted)));
  v1::StageContainerResponse response;
  *response.mutable_container() = ToProto(application, deps_.node);
  co_return response;
}

Task<absl::StatusOr<v1::StartContainerResponse>> ContainerServiceImpl::Start(
    v1::StartContainerRequest request) {
  DROVER_CO_RETURN_IF_ERROR(CheckFence(request.fence()));
  DROVER_CO_RETURN_IF_ERROR(
      CheckWanted(request.spec(), request.generation(), request.config_hash()));
  // In the order in which the driver takes them up: it does not wait for anything before its lock.
  DROVER_CO_RETURN_IF_ERROR(
      orders_.NoteUnlessLate(request.spec().name(), TimeOfOrder(request.fence())));
  ContainerDriver::Wanted wanted;
  wanted.spec = request.spec();
  wanted.generation = request.generation();
  wanted.config_hash = request.config_hash();
  DROVER_CO_ASSIGN_OR_RETURN(const Application application,
                             co_await deps_.driver.Start(std::move(wanted), request.restart()));
  v1::StartContainerResponse response;
  *response.mutable_container() = ToProto(application, deps_.node);
  co_return response;
}

Task<absl::StatusOr<v1::AwaitReadyResponse>> ContainerServiceImpl::Await(
    v1::AwaitReadyRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(
      const Application application,
      co_await deps_.driver.AwaitReady(request.application(), request.start_id()));
  v1::AwaitReadyResponse response;
  *response.mutable_container() = ToProto(application, deps_.node);
  co_return response;
}

Task<absl::StatusOr<v1::StopContainerResponse>> ContainerServiceImpl::Stop(
    Caller caller, v1::StopContainerRequest request) {
  // The volume service of this node stops an application under a seal, whose fence it has checked.
  const bool is_this_node =
      caller.identity.kind == IdentityKind::kNode && caller.identity.name == deps_.node;
  if (!is_this_node || request.has_fence()) {
    DROVER_CO_RETURN_IF_ERROR(CheckFence(request.fence()));
    orders_.Note(request.application(), TimeOfOrder(request.fence()));
  }
  DROVER_CO_ASSIGN_OR_RETURN(const ContainerDriver::Stopped stopped,
                             co_await deps_.driver.Stop(request.application()));
  v1::StopContainerResponse response;
  if (stopped.application.has_value()) {
    *response.mutable_container() = ToProto(*stopped.application, deps_.node);
  }
  *response.mutable_duration() = ProtoOf(stopped.duration);
  response.set_killed(stopped.killed);
  co_return response;
}

Task<absl::StatusOr<v1::RemoveContainerResponse>> ContainerServiceImpl::Remove(
    v1::RemoveContainerRequest request) {
  DROVER_CO_RETURN_IF_ERROR(CheckFence(request.fence()));
  DROVER_CO_RETURN_IF_ERROR(
      orders_.NoteUnlessLate(request.application(), TimeOfOrder(request.fence())));
  DROVER_CO_RETURN_IF_ERROR(
      co_await deps_.driver.Remove(request.application(), request.generation()));
  co_return v1::RemoveContainerResponse();
}

Task<absl::Status> ContainerServiceImpl::Watch(
    ResponseWriter<v1::WatchContainersResponse>& writer) {
  while (true) {
    const uint64_t seen = deps_.driver.changes().count();
    v1::WatchContainersResponse response;
    for (const Application& application : deps_.driver.List()) {
      *response.add_containers() = ToProto(application, deps_.node);
    }
    if (!co_await writer.Write(std::move(response))) co_return ClientGone();
    co_await deps_.driver.changes().Wait(seen);
  }
}

Task<absl::Status> ContainerServiceImpl::Ensure(v1::EnsureImageRequest request,
                                                ResponseWriter<v1::EnsureImageResponse>& writer) {
  ProgressQueue<v1::EnsureImageResponse> progress(deps_.calls.executor());
  const auto on_progress = [&progress](const v1::EnsureImageResponse& message) {
    progress.Put(message);
  };
  auto work = deps_.images.Ensure(std::move(request), on_progress);
  DROVER_CO_ASSIGN_OR_RETURN(const std::string digest,
                             co_await progress.WriteWhile(writer, std::move(work)));
  v1::EnsureImageResponse last;
  last.set_image_digest(digest);
  if (!co_await writer.Write(std::move(last))) co_return ClientGone();
  co_return absl::OkStatus();
}

Task<absl::Status> ContainerServiceImpl::Logs(v1::StreamLogsRequest request,
                                              ResponseWriter<v1::StreamLogsResponse>& writer) {
  DROVER_CO_ASSIGN_OR_RETURN(const ContainerId id,
                             deps_.driver.FindContainer(request.application()));
  const LogSink sink = [&writer](LogChunk chunk) -> Task<absl::Status> {
    v1::StreamLogsResponse response;
    response.set_stream(chunk.is_error_output ? v1::StreamLogsResponse::STREAM_STDERR
                                              : v1::StreamLogsResponse::STREAM_STDOUT);
    response.set_data(std::move(chunk.data));
    if (!co_await writer.Write(std::move(response))) co_return ClientGone();
    co_return absl::OkStatus();
  };
  LogOptions options;
  options.follow = request.follow();
  options.tail = request.tail();
  co_return co_await deps_.engine.ReadLogs(id, options, sink);
}

Task<absl::Status> ContainerServiceImpl::Export(v1::ExportImageRequest request,
                                                ResponseWriter<v1::ExportImageResponse>& writer) {
  const absl::StatusOr<ImageInfo> image = co_await deps_.engine.InspectImage(request.image());
  if (absl::IsNotFound(image.status())) {
    // The engine says so twice in one sentence.
    co_return absl::NotFoundError(absl::StrCat("it has no image ", request.image()));
  }
  if (!image.ok()) co_return image.status();
  DROVER_CO_ASSIGN_OR_RETURN(const ByteSource content,
                             co_await deps_.engine.ExportImage(request.image()));
  v1::ExportImageResponse first;
  first.set_image_digest(image->digest);
  if (!co_await writer.Write(std::move(first))) co_return ClientGone();
  StreamDigest digest;
  while (true) {
    DROVER_CO_ASSIGN_OR_RETURN(std::string piece, co_await content());
    if (piece.empty()) break;
    digest.Update(piece);
    v1::ExportImageResponse part;
    part.set_data(std::move(piece));
    if (!co_await writer.Write(std::move(part))) co_return ClientGone();
  }
  v1::ExportImageResponse last;
  last.set_digest(digest.Finish());
  if (!co_await writer.Write(std::move(last))) co_return ClientGone();
  co_return absl::OkStatus();
}

// --- the calls, as gRPC makes them ---

grpc::ServerUnaryReactor* ContainerServiceImpl::GetEngine(grpc::CallbackServerContext* context,
                                                          const v1::GetEngineRequest* request,
                                                          v1::GetEngineResponse* response) {
  return ServeUnary(deps_.calls, context, request, response,
                    [this](Caller, v1::GetEngineRequest) { return DescribeEngine(); });
}

grpc::ServerUnaryReactor* ContainerServiceImpl::ListContainers(
    grpc::CallbackServerContext* context, const v1::ListContainersRequest* request,
    v1::ListContainersResponse* response) {
  return ServeUnary(
      deps_.calls, context, request, response,
      [this](Caller,
             v1::ListContainersRequest) -> Task<absl::StatusOr<v1::ListContainersResponse>> {
        v1::ListContainersResponse list;
        for (const Application& application : deps_.driver.List()) {
          *list.add_containers() = ToProto(application, deps_.node);
        }
        *list.mutable_obeyed() = deps_.fence.Obeyed();
        // Where it cannot be told it counts as not known.
        const HostMemory memory = ReadHostMemory().value_or(HostMemory());
        list.set_memory_bytes(memory.all_bytes);
        list.set_available_memory_bytes(memory.available_bytes);
        list.set_engine_problem(deps_.watcher.problem());
        co_return list;
      });
}

grpc::ServerWriteReactor<v1::WatchContainersResponse>* ContainerServiceImpl::WatchContainers(
    grpc::CallbackServerContext* context, const v1::WatchContainersRequest* request) {
  return ServeWrites<v1::WatchContainersResponse>(
      deps_.calls, context, request,
      [this](Caller, v1::WatchContainersRequest,
             ResponseWriter<v1::WatchContainersResponse>& writer) { return Watch(writer); });
}

grpc::ServerWriteReactor<v1::EnsureImageResponse>* ContainerServiceImpl::EnsureImage(
    grpc::CallbackServerContext* context, const v1::EnsureImageRequest* request) {
  return ServeWrites<v1::EnsureImageResponse>(
      deps_.calls, context, request,
      [this](Caller, v1::EnsureImageRequest body, ResponseWriter<v1::EnsureImageResponse>& writer) {
        return Ensure(std::move(body), writer);
      });
}

grpc::ServerUnaryReactor* ContainerServiceImpl::StageContainer(
    grpc::CallbackServerContext* context, const v1::StageContainerRequest* request,
    v1::StageContainerResponse* response) {
  return ServeUnary(
      deps_.calls, context, request, response,
      [this](Caller, v1::StageContainerRequest body) { return Stage(std::move(body)); });
}

grpc::ServerUnaryReactor* ContainerServiceImpl::StartContainer(
    grpc::CallbackServerContext* context, const v1::StartContainerRequest* request,
    v1::StartContainerResponse* response) {
  return ServeUnary(
      deps_.calls, context, request, response,
      [this](Caller, v1::StartContainerRequest body) { return Start(std::move(body)); });
}

grpc::ServerUnaryReactor* ContainerServiceImpl::AwaitReady(grpc::CallbackServerContext* context,
                                                           const v1::AwaitReadyRequest* request,
                                                           v1::AwaitReadyResponse* response) {
  return ServeUnary(
      deps_.calls, context, request, response,
      [this](Caller, v1::AwaitReadyRequest body) { return Await(std::move(body)); },
      WhenCancelled::kStop);
}

grpc::ServerUnaryReactor* ContainerServiceImpl::StopContainer(
    grpc::CallbackServerContext* context, const v1::StopContainerRequest* request,
    v1::StopContainerResponse* response) {
  return ServeUnary(deps_.calls, context, request, response,
                    [this](Caller caller, v1::StopContainerRequest body) {
                      return Stop(std::move(caller), std::move(body));
                    });
}

grpc::ServerUnaryReactor* ContainerServiceImpl::RemoveContainer(
    grpc::CallbackServerContext* context, const v1::RemoveContainerRequest* request,
    v1::RemoveContainerResponse* response) {
  return ServeUnary(
      deps_.calls, context, request, response,
      [this](Caller, v1::RemoveContainerRequest body) { return Remove(std::move(body)); });
}

grpc::ServerWriteReactor<v1::StreamLogsResponse>* ContainerServiceImpl::StreamLogs(
    grpc::CallbackServerContext* context, const v1::StreamLogsRequest* request) {
  return ServeWrites<v1::StreamLogsResponse>(
      deps_.calls, context, request,
      [this](Caller, v1::StreamLogsRequest body, ResponseWriter<v1::StreamLogsResponse>& writer) {
        return Logs(std::move(body), writer);
      });
}

grpc::ServerWriteReactor<v1::ExportImageResponse>* ContainerServiceImpl::ExportImage(
    grpc::CallbackServerContext* context, const v1::ExportImageRequest* request) {
  return ServeWrites<v1::ExportImageResponse>(
      deps_.calls, context, request,
      [this](Caller, v1::ExportImageRequest body, ResponseWriter<v1::ExportImageResponse>& writer) {
        return Export(std::move(body), writer);
      });
}

}  // namespace drover::container
