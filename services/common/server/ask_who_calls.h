// Asks a server of these tests for whom it takes the caller.
#ifndef DROVER_SERVICES_COMMON_SERVER_ASK_WHO_CALLS_H_
#define DROVER_SERVICES_COMMON_SERVER_ASK_WHO_CALLS_H_

#include <grpcpp/channel.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "drover/proxy/v1/proxy_service.grpc.pb.h"
#include "services/common/async/client_call.h"

namespace drover {

// The first holder of the holds in its answer to GetRoutes. Blocks, for a minute at most.
inline absl::StatusOr<std::string> AskWhoCalls(std::shared_ptr<grpc::Channel> channel,
                                               proxy::v1::GetRoutesRequest request = {}) {
  boost::asio::io_context io;
  std::shared_ptr<proxy::v1::ProxyService::Stub> service =
      proxy::v1::ProxyService::NewStub(channel);
  using Async = class proxy::v1::ProxyService::Stub::async;
  auto call = UnaryCall<proxy::v1::GetRoutesResponse>(service, &Async::GetRoutes,
                                                      std::move(request), absl::Minutes(1));
  auto answer = boost::asio::co_spawn(io, std::move(call), boost::asio::use_future);
  io.run();
  absl::StatusOr<proxy::v1::GetRoutesResponse> response = answer.get();
  if (!response.ok()) return response.status();
  return response->holds(0).holder();
}

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_SERVER_ASK_WHO_CALLS_H_
