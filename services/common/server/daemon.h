// What all daemons share: configuration, logging, TLS, health, reflection, and an orderly start and
// end.
#ifndef DROVER_SERVICES_COMMON_SERVER_DAEMON_H_
#define DROVER_SERVICES_COMMON_SERVER_DAEMON_H_

#include <grpcpp/impl/service_type.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/async/blocking.h"
#include "services/common/async/server_call.h"
#include "services/common/async/task.h"
#include "services/common/server/daemon_config.h"
#include "services/common/tls/credentials.h"

namespace drover {

// What a daemon is wired from. Everything outlives the services.
struct DaemonContext {
  // The io thread: owns all state of the daemon.
  boost::asio::io_context& io;
  // For blocking work.
  BlockingPool& pool;
  // To be given to every handler.
  CallScope& calls;
  const DaemonConfig& config;
  const TlsFolder& tls;
};

// A wired daemon.
class DaemonServices {
 public:
  virtual ~DaemonServices() = default;
  // What is served; owned by this object.
  virtual std::vector<grpc::Service*> Services() = 0;
  // After the last handler has ended: ends background work. The state stays usable until
  // destruction.
  virtual Task<void> Stop() = 0;
};

// Wires a daemon and recovers its state; the port opens only after it has succeeded.
using StartServices =
    std::function<Task<absl::StatusOr<std::unique_ptr<DaemonServices>>>(DaemonContext)>;

// Runs a daemon until SIGTERM or SIGINT. Shutdown: health says NOT_SERVING, new calls are refused,
// waiting calls are stopped, the others end, then background work, then the server. Answers the
// process's exit code: 0 after a signal, 1 if the start failed (the reason is logged).
int RunDaemon(const std::string& program, const DaemonConfig& config, StartServices start);

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_SERVER_DAEMON_H_
