#include "services/container/driver/image_keeper.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/container/domain/image_volumes.h"
#include "services/container/driver/image_spool.h"

namespace drover::container {

Task<absl::StatusOr<std::string>> ImageKeeper::Ensure(v1::EnsureImageRequest request,
                                                      OnProgress on_progress) {
  DROVER_CO_ASSIGN_OR_RETURN(const ImageInfo image, co_await FindOrFetch(request, on_progress));
  DROVER_CO_RETURN_IF_ERROR(CheckImageVolumes(
      image.config.volumes, {request.mountpoints().begin(), request.mountpoints().end()}));
  co_return image.digest;
}

Task<absl::StatusOr<ImageInfo>> ImageKeeper::FindOrFetch(v1::EnsureImageRequest request,
                                                         OnProgress on_progress) {
  const std::string& required = request.required_digest();
  absl::StatusOr<ImageInfo> image = co_await engine_.InspectImage(request.image());
  if (image.ok() && (required.empty() || image->digest == required)) co_return image;
  if (!image.ok() && !absl::IsNotFound(image.status())) co_return image.status();

  DROVER_CO_RETURN_IF_ERROR(co_await Fetch(request, on_progress));
  image = co_await engine_.InspectImage(request.image());
  if (image.ok() && !required.empty() && image->digest != required) {
    co_return absl::FailedPreconditionError(
        absl::StrCat("the image ", request.image(), " that was found is ", image->digest, ", not ",
                     required, " as on the node it moves from"));
  }
  co_return image;
}

Task<absl::Status> ImageKeeper::Fetch(v1::EnsureImageRequest request, OnProgress on_progress) {
  // A registry's tag may have moved on; the peer has the very image.
  const bool peers_first = !request.required_digest().empty() && !request.sources().empty();
  absl::Status from_peers;
  if (peers_first) {
    from_peers = co_await FetchFromPeers(request, on_progress);
    if (from_peers.ok()) co_return from_peers;
  }
  const absl::Status pulled = co_await Pull(request.image(), on_progress);
  if (pulled.ok() || ReasonOf(pulled) == "ENGINE_DOWN") co_return pulled;
  if (!peers_first) {
    from_peers = co_await FetchFromPeers(request, on_progress);
    if (from_peers.ok()) co_return from_peers;
  }
  // NOT_FOUND whatever is wrong with the registry: to wait for it would keep a move from ending.
  const std::string reason = ReasonOf(pulled);
  co_return StatusWithReason(absl::StatusCode::kNotFound,
                             reason.empty() ? "IMAGE_NOT_FOUND" : reason,
                             absl::StrCat("cannot get the image ", request.image(), ": ",
                                          pulled.message(), "; ", from_peers.message()));
}

Task<absl::Status> ImageKeeper::Pull(std::string image, OnProgress on_progress) {
  v1::EnsureImageResponse message;
  message.set_activity(absl::StrCat("pulling ", image));
  on_progress(message);
  const auto on_pull = [message, on_progress](PullProgress progress) mutable {
    message.set_done_bytes(progress.done_bytes);
    message.set_total_bytes(progress.total_bytes);
    on_progress(message);
  };
  co_return co_await engine_.PullImage(image, on_pull);
}

Task<absl::Status> ImageKeeper::FetchFromPeers(v1::EnsureImageRequest request,
                                               OnProgress on_progress) {
  std::vector<std::string> problems;
  for (const v1::ImageSource& source : request.sources()) {
    const absl::Status status =
        co_await FetchFrom(source, request.image(), request.required_digest(), on_progress);
    if (status.ok()) co_return status;
    problems.push_back(absl::StrCat("node ", source.node(), ": ", status.message()));
  }
  if (problems.empty()) problems.push_back("no other node has it");
  co_return absl::NotFoundError(absl::StrJoin(problems, "; "));
}

Task<absl::Status> ImageKeeper::FetchFrom(v1::ImageSource source, std::string image,
                                          std::string required_digest, OnProgress on_progress) {
  DROVER_CO_ASSIGN_OR_RETURN(auto spool, ImageSpool::Create(spool_folder_));
  v1::EnsureImageResponse message;
  message.set_activity(absl::StrCat("copying ", image, " from ", source.node()));
  on_progress(message);
  auto announced = std::make_shared<v1::ExportImageResponse>();
  const auto on_part = [spool, announced, message,
                        on_progress](const v1::ExportImageResponse& part) mutable {
    if (!part.image_digest().empty()) announced->set_image_digest(part.image_digest());
    if (!part.digest().empty()) announced->set_digest(part.digest());
    spool->Append(part.data());
    message.set_done_bytes(spool->size());
    on_progress(message);
  };
  const std::unique_ptr<ContainerClient> peer = connect_(source);
  v1::ExportImageRequest request;
  request.set_image(image);
  DROVER_CO_RETURN_IF_ERROR(co_await peer->ExportImage(request, absl::InfiniteDuration(), on_part));
  if (!required_digest.empty() && announced->image_digest() != required_digest) {
    co_return absl::NotFoundError(absl::StrCat("its ", image, " is another image"));
  }
  DROVER_CO_RETURN_IF_ERROR(spool->Verify(announced->digest()));
  DROVER_CO_RETURN_IF_ERROR(co_await engine_.ImportImage(ImageSpool::Content(spool)));
  DROVER_CO_ASSIGN_OR_RETURN(const ImageInfo imported, co_await engine_.InspectImage(image));
  if (imported.digest == announced->image_digest()) co_return absl::OkStatus();
  co_return absl::DataLossError(
      absl::StrCat("the engine made ", imported.digest, " of ", announced->image_digest()));
}

}  // namespace drover::container
