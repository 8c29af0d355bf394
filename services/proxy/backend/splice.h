// Moves the bytes of one connection to another inside the kernel.
#ifndef DROVER_SERVICES_PROXY_BACKEND_SPLICE_H_
#define DROVER_SERVICES_PROXY_BACKEND_SPLICE_H_

#include <boost/asio/ip/tcp.hpp>

#include "absl/status/status.h"
#include "services/common/async/task.h"
#include "services/proxy/backend/pipe_pool.h"

namespace drover::proxy {

// Until `from` has sent its last byte, which it then tells `to` (half-close). Both must be
// non-blocking and, as the pool, outlive the call; closing one of them ends it. UNAVAILABLE when
// either connection broke.
Task<absl::Status> Splice(boost::asio::ip::tcp::socket& from, boost::asio::ip::tcp::socket& to,
                          PipePool& pipes);

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_SPLICE_H_
