#include "services/container/backend/docker_engine.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/common/failpoint/failpoint.h"
#include "services/common/status/status_macros.h"
#include "services/container/backend/api_version.h"
#include "services/container/backend/docker_json.h"
#include "services/container/backend/folder_archive.h"
#include "services/container/backend/image_reference.h"
#include "services/container/backend/large_pieces.h"
#include "services/container/backend/lines.h"
#include "services/container/backend/log_frames.h"

namespace drover::container {
namespace {

constexpr int kNotModified = 304;
constexpr int kNotFound = 404;
constexpr int kConflict = 409;
constexpr int kFailed = 500;

// Podman's own API: the oldest version of it that its releases from 4.0 on speak.
constexpr char kPodmanApi[] = "/v4.0.0/libpod";

// An engine sends an image in pieces of 32 KiB; with one of them it stays below ByteSource's limit.
constexpr size_t kImagePiece = 128 << 10;
// A registry that sends nothing for so long has hung; the engine itself would wait for ever.
constexpr absl::Duration kPullStallLimit = absl::Minutes(5);

bool IsSuccess(int status) { return status >= 200 && status < 300; }

// For one value of a query or one segment of a path.
std::string Encode(absl::string_view text) {
  std::string encoded;
  for (const char letter : text) {
    if (absl::ascii_isalnum(letter) || letter == '-' || letter == '.' || letter == '_') {
      encoded += letter;
    } else {
      absl::StrAppend(&encoded, "%",
                      absl::Hex(static_cast<unsigned char>(letter), absl::kZeroPad2));
    }
  }
  return encoded;
}

// Podman 4.3 answers 500 where Docker answers 409.
int StatusOf(const HttpResponse& response) {
  if (response.status != kFailed) return response.status;
  const std::string cause = docker_json::ParseErrorCause(response.body);
  const bool is_conflict =
      cause == "that name is already in use" || cause == "container state improper";
  return is_conflict ? kConflict : response.status;
}

absl::Status ToStatus(const HttpResponse& response) {
  const std::string message = docker_json::ParseErrorMessage(response.body);
  switch (StatusOf(response)) {
    case 400:
      return absl::InvalidArgumentError(message);
    case kNotFound:
      return absl::NotFoundError(message);
    case kConflict:
      return absl::AlreadyExistsError(message);
    default:
      return absl::InternalError(absl::StrCat("the container engine failed: ", message));
  }
}

std::string ContainerPath(const ContainerId& id, absl::string_view rest) {
  return absl::StrCat("/containers/", Encode(id.value()), rest);
}

// References are put into the path as they are: their slashes are part of it.
std::string ImagePath(absl::string_view image, absl::string_view rest) {
  return absl::StrCat("/images/", image, rest);
}

// Adds up the layers of a pull. Keeps the first error.
class PullLines {
 public:
  explicit PullLines(std::function<void(PullProgress)> on_progress)
      : on_progress_(std::move(on_progress)) {}

  absl::Status Take(absl::string_view text) {
    DROVER_ASSIGN_OR_RETURN(docker_json::ProgressLine line, docker_json::ParseProgress(text));
    if (error_.empty()) error_ = line.error;
    if (line.layer.empty() || line.total_bytes == 0) return absl::OkStatus();
    PullProgress& layer = layers_[line.layer];
    // A layer is first downloaded and then unpacked, counted anew.
    layer.done_bytes = std::max(layer.done_bytes, line.done_bytes);
    layer.total_bytes = std::max(layer.total_bytes, line.total_bytes);
    PullProgress sum;
    for (const auto& [name, progress] : layers_) {
      sum.done_bytes += progress.done_bytes;
      sum.total_bytes += progress.total_bytes;
    }
    on_progress_(sum);
    return absl::OkStatus();
  }
  const std::string& error() const { return error_; }

 private:
  std::function<void(PullProgress)> on_progress_;
  absl::flat_hash_map<std::string, PullProgress> layers_;
  std::string error_;
};

// Around a coroutine's change of a container, from here to its end.
class EngineFailpoints {
 public:
  explicit EngineFailpoints(absl::string_view change) : change_(change) {
    HitFailpoint({"container.engine", change_}, "before");
  }
  EngineFailpoints(const EngineFailpoints&) = delete;
  EngineFailpoints& operator=(const EngineFailpoints&) = delete;
  ~EngineFailpoints() { HitFailpoint({"container.engine", change_}, "after"); }

 private:
  const absl::string_view change_;
};

}  // namespace

absl::Status DockerEngine::Noted(absl::Status status) {
  if (absl::IsUnavailable(status)) version_.api.clear();
  return status;
}

Task<absl::StatusOr<EngineVersion>> DockerEngine::GetVersion() {
  const HttpRequest request{.method = "GET", .target = "/version"};
  absl::StatusOr<HttpResponse> response = co_await http_.Call(request, absl::Seconds(10));
  if (!response.ok()) co_return Noted(response.status());
  if (!IsSuccess(response->status)) co_return ToStatus(*response);
  DROVER_CO_ASSIGN_OR_RETURN(docker_json::ServerVersion server,
                             docker_json::ParseVersion(response->body));
  DROVER_CO_ASSIGN_OR_RETURN(std::string api, NegotiateApiVersion(server.oldest_api, server.api));
  if (server.is_podman) {
    DROVER_CO_RETURN_IF_ERROR(CheckPodmanVersion(server.version));
  }
  is_podman_ = server.is_podman;
  version_ = {
      .product = absl::StrCat(is_podman_ ? "Podman Engine " : "Docker Engine ", server.version),
      .api = std::move(api)};
  co_return version_;
}

Task<absl::StatusOr<HttpRequest>> DockerEngine::Prepare(std::string method, std::string target,
                                                        std::string body) {
  if (version_.api.empty()) {
    DROVER_CO_ASSIGN_OR_RETURN(EngineVersion version, co_await GetVersion());
  }
  co_return HttpRequest{.method = std::move(method),
                        .target = absl::StrCat("/v", version_.api, target),
                        .body = std::move(body)};
}

Task<absl::StatusOr<std::string>> DockerEngine::Call(std::string method, std::string target,
                                                     std::string body, std::vector<int> accepted,
                                                     absl::Duration timeout) {
  DROVER_CO_ASSIGN_OR_RETURN(
      HttpRequest request, co_await Prepare(std::move(method), std::move(target), std::move(body)));
  absl::StatusOr<HttpResponse> response = co_await http_.Call(std::move(request), timeout);
  if (!response.ok()) co_return Noted(response.status());
  const bool is_accepted = std::count(accepted.begin(), accepted.end(), StatusOf(*response)) > 0;
  if (!IsSuccess(response->status) && !is_accepted) co_return ToStatus(*response);
  co_return std::move(response->body);
}

Task<absl::StatusOr<ByteSource>> DockerEngine::Open(std::string method, std::string target,
                                                    absl::Duration stall_limit) {
  DROVER_CO_ASSIGN_OR_RETURN(HttpRequest request,
                             co_await Prepare(std::move(method), std::move(target)));
  absl::StatusOr<DockerHttp::Opened> opened = co_await http_.Open(std::move(request), stall_limit);
  if (!opened.ok()) co_return Noted(opened.status());
  if (!IsSuccess(opened->response.status)) co_return ToStatus(opened->response);
  co_return std::move(opened->content);
}

Task<absl::StatusOr<ImageInfo>> DockerEngine::InspectImage(std::string image) {
  DROVER_CO_ASSIGN_OR_RETURN(std::string body, co_await Call("GET", ImagePath(image, "/json")));
  DROVER_CO_ASSIGN_OR_RETURN(ImageInfo info, docker_json::ParseImage(body));
  if (is_podman_) {
    DROVER_CO_ASSIGN_OR_RETURN(info.config.health_check, co_await PodmanHealthCheck(info.digest));
  }
  co_return info;
}

Task<absl::Status> DockerEngine::PullImage(std::string image,
                                           std::function<void(PullProgress)> on_progress) {
  const ImageReference reference = ParseImageReference(image);
  std::string target = absl::StrCat("/images/create?fromImage=", Encode(reference.name),
                                    "&tag=", Encode(reference.version));
  // Podman says nothing while a layer comes.
  const absl::Duration limit = is_podman_ ? absl::InfiniteDuration() : kPullStallLimit;
  const absl::StatusOr<ByteSource> content = co_await Open("POST", std::move(target), limit);
  if (absl::IsUnavailable(content.status())) co_return content.status();
  if (!content.ok()) co_return PullError(image, content.status().message());
  PullLines pull(std::move(on_progress));
  Lines lines;
  while (true) {
    absl::StatusOr<std::string> next = co_await (*content)();
    if (absl::IsDeadlineExceeded(next.status())) {
      co_return absl::DeadlineExceededError(
          absl::StrCat("nothing has come for ", absl::FormatDuration(limit)));
    }
    DROVER_CO_ASSIGN_OR_RETURN(const std::string piece, std::move(next));
    if (piece.empty()) break;
    for (const std::string& line : lines.Feed(piece)) {
      DROVER_CO_RETURN_IF_ERROR(pull.Take(line));
    }
  }
  co_return pull.error().empty() ? absl::OkStatus() : PullError(image, pull.error());
}

Task<absl::StatusOr<ByteSource>> DockerEngine::ExportImage(std::string image) {
  DROVER_CO_ASSIGN_OR_RETURN(ByteSource content, co_await Open("GET", ImagePath(image, "/get")));
  co_return InPiecesOf(kImagePiece, std::move(content));
}

Task<absl::Status> DockerEngine::ImportImage(ByteSource source) {
  DROVER_CO_ASSIGN_OR_RETURN(HttpRequest request, co_await Prepare("POST", "/images/load?quiet=1"));
  absl::StatusOr<HttpResponse> response =
      co_await http_.Upload(std::move(request), std::move(source));
  if (!response.ok()) co_return Noted(response.status());
  if (!IsSuccess(response->status)) co_return ToStatus(*response);
  Lines lines;
  for (const std::string& line : lines.Feed(response->body)) {
    DROVER_CO_ASSIGN_OR_RETURN(docker_json::ProgressLine progress,
                               docker_json::ParseProgress(line));
    if (!progress.error.empty()) {
      co_return absl::DataLossError(
          absl::StrCat("the container engine cannot load the image: ", progress.error));
    }
  }
  co_return absl::OkStatus();
}

Task<absl::StatusOr<ContainerId>> DockerEngine::CreateContainer(ContainerOptions options) {
  const EngineFailpoints places("create");
  const std::string name = options.name.empty() ? "" : absl::StrCat("?name=", options.name);
  DROVER_CO_ASSIGN_OR_RETURN(std::string body,
                             co_await Call("POST", absl::StrCat("/containers/create", name),
                                           docker_json::FormatCreate(options)));
  DROVER_CO_ASSIGN_OR_RETURN(std::string id, docker_json::ParseId(body));
  co_return ContainerId(std::move(id));
}

Task<absl::Status> DockerEngine::StartContainer(ContainerId id) {
  const EngineFailpoints places("start");
  const auto body =
      co_await Call("POST", ContainerPath(id, "/start"), "", std::vector<int>(1, kNotModified));
  co_return body.status();
}

Task<absl::Status> DockerEngine::KillContainer(ContainerId id) {
  const EngineFailpoints places("kill");
  const auto body =
      co_await Call("POST", ContainerPath(id, "/kill"), "", std::vector<int>(1, kConflict));
  co_return body.status();
}

Task<absl::Status> DockerEngine::RemoveContainer(ContainerId id) {
  const EngineFailpoints places("remove");
  const auto body = co_await Call("DELETE", ContainerPath(id, "?v=1&force=1"), "",
                                  std::vector<int>(1, kNotFound));
  co_return body.status();
}

Task<absl::StatusOr<ContainerInfo>> DockerEngine::InspectContainer(ContainerId id) {
  DROVER_CO_ASSIGN_OR_RETURN(std::string body, co_await Call("GET", ContainerPath(id, "/json")));
  co_return docker_json::ParseContainer(body);
}

Task<absl::StatusOr<std::vector<ContainerInfo>>> DockerEngine::ListContainers(std::string label) {
  DROVER_CO_ASSIGN_OR_RETURN(
      std::string body,
      co_await Call("GET", absl::StrCat("/containers/json?all=1&filters=",
                                        Encode(docker_json::FormatLabelFilter(label)))));
  DROVER_CO_ASSIGN_OR_RETURN(std::vector<ContainerId> ids, docker_json::ParseContainerIds(body));
  std::vector<ContainerInfo> containers;
  for (const ContainerId& id : ids) {
    absl::StatusOr<ContainerInfo> container = co_await InspectContainer(id);
    if (absl::IsNotFound(container.status())) continue;  // Removed since it was listed.
    if (!container.ok()) co_return container.status();
    containers.push_back(*std::move(container));
  }
  co_return containers;
}

Task<absl::Status> DockerEngine::WatchEvents(std::string label, std::function<void()> on_ready,
                                             std::function<void(ContainerEvent)> on_event) {
  // Engines answer before they have subscribed; `since` closes the gap.
  DROVER_CO_ASSIGN_OR_RETURN(
      const ByteSource content,
      co_await Open("GET", absl::StrCat("/events?since=", absl::ToUnixSeconds(absl::Now()),
                                        "&filters=", Encode(docker_json::FormatEventFilter()))));
  on_ready();
  Lines lines;
  while (true) {
    absl::StatusOr<std::string> piece = co_await content();
    if (!piece.ok()) co_return Noted(piece.status());
    if (piece->empty()) {
      // The engine ends, and another one may come in its place.
      version_.api.clear();
      co_return absl::OkStatus();
    }
    for (const std::string& line : lines.Feed(*piece)) {
      DROVER_CO_ASSIGN_OR_RETURN(auto event, docker_json::ParseEvent(line, label));
      if (event.has_value()) on_event(*event);
    }
  }
}

Task<absl::Status> DockerEngine::ReadLogs(ContainerId id, LogOptions options, LogSink sink) {
  const std::string tail = options.tail > 0 ? absl::StrCat(options.tail) : "all";
  const std::string target =
      absl::StrCat("/logs?stdout=1&stderr=1&follow=", options.follow ? 1 : 0, "&tail=", tail);
  DROVER_CO_ASSIGN_OR_RETURN(const ByteSource content,
                             co_await Open("GET", ContainerPath(id, target)));
  LogFrames frames;
  while (true) {
    DROVER_CO_ASSIGN_OR_RETURN(std::string piece, co_await content());
    if (piece.empty()) co_return absl::OkStatus();
    for (LogChunk& chunk : frames.Feed(piece)) {
      DROVER_CO_RETURN_IF_ERROR(co_await sink(std::move(chunk)));
    }
  }
}

Task<absl::StatusOr<ByteSource>> DockerEngine::CopyOut(ContainerId id, std::string path) {
  if (version_.api.empty()) {
    DROVER_CO_ASSIGN_OR_RETURN(EngineVersion version, co_await GetVersion());
  }
  if (is_podman_) co_return co_await CopyOutOfPodman(std::move(id), std::move(path));
  // The dot makes the entries relative to the folder.
  co_return co_await Open("GET",
                          ContainerPath(id, absl::StrCat("/archive?path=", Encode(path + "/."))));
}

Task<absl::StatusOr<std::string>> DockerEngine::CallPodman(std::string method, std::string target) {
  const HttpRequest request{.method = std::move(method),
                            .target = absl::StrCat(kPodmanApi, target)};
  absl::StatusOr<HttpResponse> response = co_await http_.Call(request, absl::Minutes(2));
  if (!response.ok()) co_return Noted(response.status());
  if (!IsSuccess(response->status)) co_return ToStatus(*response);
  co_return std::move(response->body);
}

Task<absl::StatusOr<std::optional<HealthCheck>>> DockerEngine::PodmanHealthCheck(
    std::string image) {
  DROVER_CO_ASSIGN_OR_RETURN(std::string body,
                             co_await CallPodman("GET", ImagePath(image, "/json")));
  co_return docker_json::ParsePodmanHealthCheck(body);
}

Task<absl::StatusOr<ByteSource>> DockerEngine::CopyOutOfPodman(ContainerId id, std::string path) {
  // Its /archive says of every file that root owns it. So the container's root file system is
  // mounted, until the container is removed, and read here.
  DROVER_CO_ASSIGN_OR_RETURN(std::string answer,
                             co_await CallPodman("POST", ContainerPath(id, "/mount")));
  const std::string root(absl::StripAsciiWhitespace(answer));
  auto executor = co_await boost::asio::this_coro::executor;
  co_return ArchiveFolder(executor, root, path);
}

Task<absl::StatusOr<int>> DockerEngine::Exec(ContainerId id, ExecOptions options,
                                             absl::Duration timeout) {
  DROVER_CO_ASSIGN_OR_RETURN(std::string created, co_await Call("POST", ContainerPath(id, "/exec"),
                                                                docker_json::FormatExec(options)));
  DROVER_CO_ASSIGN_OR_RETURN(std::string exec, docker_json::ParseId(created));
  // Attached, the answer's end is the command's end.
  DROVER_CO_ASSIGN_OR_RETURN(std::string output,
                             co_await Call("POST", absl::StrCat("/exec/", exec, "/start"),
                                           "{\"Detach\":false}", std::vector<int>(), timeout));
  DROVER_CO_ASSIGN_OR_RETURN(std::string ended,
                             co_await Call("GET", absl::StrCat("/exec/", exec, "/json")));
  co_return docker_json::ParseExecExitCode(ended);
}

}  // namespace drover::container
