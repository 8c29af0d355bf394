// Gets images onto this node.
#ifndef DROVER_SERVICES_CONTAINER_DRIVER_IMAGE_KEEPER_H_
#define DROVER_SERVICES_CONTAINER_DRIVER_IMAGE_KEEPER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/async/task.h"
#include "services/container/backend/container_engine.h"
#include "services/container/client/container_client.h"

namespace drover::container {

// Used on one executor; the engine must outlive it.
class ImageKeeper {
 public:
  // A channel to the container service of a node.
  using ConnectToPeer = std::function<std::unique_ptr<ContainerClient>(const v1::ImageSource&)>;
  // `spool_folder`: where an image that comes from a peer lies until it is verified; it must exist.
  ImageKeeper(ContainerEngine& engine, ConnectToPeer connect, std::string spool_folder)
      : engine_(engine), connect_(std::move(connect)), spool_folder_(std::move(spool_folder)) {}

  using OnProgress = std::function<void(const v1::EnsureImageResponse&)>;
  // Answers the digest of the image, which is here then. See EnsureImage in
  // container_service.proto.
  Task<absl::StatusOr<std::string>> Ensure(v1::EnsureImageRequest request, OnProgress on_progress);

 private:
  Task<absl::StatusOr<ImageInfo>> FindOrFetch(v1::EnsureImageRequest request,
                                              OnProgress on_progress);
  // From wherever it is to be had. NOT_FOUND, with the registry's reason.
  Task<absl::Status> Fetch(v1::EnsureImageRequest request, OnProgress on_progress);
  Task<absl::Status> Pull(std::string image, OnProgress on_progress);
  // From the first of the peers that has it.
  Task<absl::Status> FetchFromPeers(v1::EnsureImageRequest request, OnProgress on_progress);
  Task<absl::Status> FetchFrom(v1::ImageSource source, std::string image,
                               std::string required_digest, OnProgress on_progress);

  ContainerEngine& engine_;
  const ConnectToPeer connect_;
  const std::string spool_folder_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DRIVER_IMAGE_KEEPER_H_
