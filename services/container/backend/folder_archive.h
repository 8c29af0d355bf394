// A folder below another one, as a tar stream.
#ifndef DROVER_SERVICES_CONTAINER_BACKEND_FOLDER_ARCHIVE_H_
#define DROVER_SERVICES_CONTAINER_BACKEND_FOLDER_ARCHIVE_H_

#include <boost/asio/any_io_executor.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "services/container/backend/container_engine.h"

namespace drover::container {

// What is in `path` for whoever has `root` as its root: no link in it leads out of there. The first
// entry is `./`; owners are numbers. NOT_FOUND if there is no such folder; INTERNAL if there is
// nothing in `root` at all.
absl::StatusOr<ByteSource> ArchiveFolder(boost::asio::any_io_executor executor,
                                         const std::string& root, const std::string& path);

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_BACKEND_FOLDER_ARCHIVE_H_
