// HTTP over the engine's unix socket. The only place that knows Boost.Beast.
#ifndef DROVER_SERVICES_CONTAINER_BACKEND_DOCKER_HTTP_H_
#define DROVER_SERVICES_CONTAINER_BACKEND_DOCKER_HTTP_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/async/task.h"
#include "services/container/backend/container_engine.h"

namespace drover::container {

struct HttpRequest {
  std::string method;
  // Path and query, percent-encoded.
  std::string target;
  // JSON, or empty.
  std::string body;
};

struct HttpResponse {
  int status = 0;
  std::string body;
};

// One connection per request: on a unix socket that costs next to nothing, and an endless answer
// (events, logs) then never stands in another's way. Used on one executor.
class DockerHttp {
 public:
  // `socket_path`: the engine's socket.
  explicit DockerHttp(std::string socket_path) : socket_path_(std::move(socket_path)) {}

  // UNAVAILABLE (ENGINE_DOWN) if the engine does not answer; DEADLINE_EXCEEDED after `timeout`.
  // An HTTP error is not an error here.
  Task<absl::StatusOr<HttpResponse>> Call(HttpRequest request, absl::Duration timeout);

  // As Call, without a limit for all of it: DEADLINE_EXCEEDED once nothing has come for
  // `stall_limit`. The body of a 2xx answer is read from `content`, as it comes; that of any other
  // is in the response.
  struct Opened {
    HttpResponse response;
    ByteSource content;
  };
  Task<absl::StatusOr<Opened>> Open(HttpRequest request, absl::Duration stall_limit);

  // As Call, without a time limit, with the body (a tar stream) from `source`.
  Task<absl::StatusOr<HttpResponse>> Upload(HttpRequest request, ByteSource source);

 private:
  std::string socket_path_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_BACKEND_DOCKER_HTTP_H_
