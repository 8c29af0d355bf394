#include "services/common/server/daemon.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <signal.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/log/log.h"
#include "services/common/server/refuse_revoked.h"
#include "services/common/status/status_macros.h"

namespace drover {
namespace {

constexpr int kBlockingThreads = 8;
// Handlers have ended by then; what is left are connections.
constexpr std::chrono::seconds kServerShutdownLimit{2};

absl::StatusOr<std::unique_ptr<grpc::Server>> Listen(const DaemonConfig& config,
                                                     const TlsFolder& tls,
                                                     const std::vector<grpc::Service*>& services) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(config.listen, tls.ServerCredentials(), &port);
  builder.SetMaxReceiveMessageSize(kMostMessageBytes);
  // Otherwise a second daemon would silently share the port.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Our channels ping every 10 s, also without calls.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // What is under way by an old connection goes on, for as long as it takes.
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS,
                             static_cast<int>(absl::ToInt64Milliseconds(config.connection_age)));
  for (grpc::Service* service : services) builder.RegisterService(service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", config.listen, "; is another daemon running there?"));
  }
  return server;
}

Task<absl::Status> Serve(DaemonContext context, StartServices start) {
  // From the first moment on, so that a signal during the start is not lost.
  boost::asio::signal_set signals(context.io, SIGTERM, SIGINT);
  DROVER_CO_ASSIGN_OR_RETURN(std::unique_ptr<DaemonServices> services, co_await start(context));
  auto server = Listen(context.config, context.tls, services->Services());
  if (server.ok()) {
    LOG(INFO) << "serving on " << context.config.listen << " as " << context.tls.identity().Uri();
    boost::system::error_code ignored;
    const int signal = co_await signals.async_wait(
        boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    LOG(INFO) << "stopping: signal " << signal;
    (*server)->GetHealthCheckService()->Shutdown();
    co_await context.calls.Drain();
  }
  co_await services->Stop();
  absl::Status result = server.status();
  // Blocks until every reactor is gone; the server goes before the services that it calls.
  auto shut_down = [server = std::move(server)]() mutable {
    if (!server.ok()) return false;
    (*server)->Shutdown(std::chrono::system_clock::now() + kServerShutdownLimit);
    server->reset();
    return true;
  };
  auto shared = std::make_shared<decltype(shut_down)>(std::move(shut_down));
  auto run = [shared] { return (*shared)(); };
  co_await RunBlocking(context.pool, std::move(run));
  co_return result;
}

}  // namespace

int RunDaemon(const std::string& program, const DaemonConfig& config, StartServices start) {
  StartLogging(program, config.node.empty() ? "coordinator" : config.node, config.log_dir);
  signal(SIGPIPE, SIG_IGN);
  absl::StatusOr<TlsFolder> tls = TlsFolder::Open(config.tls_dir);
  if (!tls.ok()) {
    // A list of revocations says itself where to get it.
    LOG(ERROR) << "tls_dir: " << tls.status().message()
               << (absl::IsFailedPrecondition(tls.status()) ? ""
                                                            : "; make one with `drover ca issue`");
    return 1;
  }
  if (tls->identity().cluster != config.cluster || tls->identity().name != config.node) {
    LOG(ERROR) << "the certificate in " << config.tls_dir << " is " << tls->identity().Uri()
               << ", but the configuration says cluster " << config.cluster
               << (config.node.empty() ? "" : ", node ") << config.node;
    return 1;
  }
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  boost::asio::io_context io(1);
  BlockingPool pool(kBlockingThreads);
  CallScope calls(io.get_executor(),
                  RefuseRevoked(AuthenticateByCertificate(config.cluster), tls->revocations()));
  absl::Status result;
  auto done = [&result](std::exception_ptr exception, absl::Status status) {
    result = exception ? async_internal::StatusOfException(exception) : status;
  };
  DaemonContext context{io, pool, calls, config, *tls};
  boost::asio::co_spawn(io, Serve(context, std::move(start)), done);
  io.run();
  pool.join();
  if (!result.ok()) {
    LOG(ERROR) << result.message();
    return 1;
  }
  LOG(INFO) << "stopped";
  return 0;
}

}  // namespace drover
