#include "services/proxy/backend/splice.h"

#include <fcntl.h>
#include <string.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "services/common/process/spawn.h"
#include "services/common/status/status_macros.h"

namespace drover::proxy {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// What a pipe holds by default; the kernel moves whole pages of it.
constexpr size_t kChunk = 64 * 1024;

absl::Status Broken(int error) {
  return absl::UnavailableError(absl::StrCat("the connection broke: ", strerror(error)));
}

// Waits until splice() from or to the socket can go on.
Task<absl::Status> Ready(tcp::socket& socket, tcp::socket::wait_type type) {
  auto [error] = co_await socket.async_wait(type, asio::as_tuple(asio::use_awaitable));
  if (error) co_return Broken(error.value());
  co_return absl::OkStatus();
}

// The number of bytes moved, 0 at the end; an error other than "not now" as a status.
Task<absl::StatusOr<size_t>> Move(int from, int to, size_t size, tcp::socket& blocking,
                                  tcp::socket::wait_type type) {
  while (true) {
    const ssize_t moved =
        splice(from, nullptr, to, nullptr, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (moved >= 0) co_return static_cast<size_t>(moved);
    if (errno == EINTR) continue;
    if (errno != EAGAIN) co_return Broken(errno);
    DROVER_CO_RETURN_IF_ERROR(co_await Ready(blocking, type));
  }
}

}  // namespace

Task<absl::Status> Splice(tcp::socket& from, tcp::socket& to) {
  DROVER_CO_ASSIGN_OR_RETURN(Pipe pipe, MakePipe());
  while (true) {
    // The pipe is empty here, so only the sockets can make us wait.
    DROVER_CO_ASSIGN_OR_RETURN(
        size_t rest, co_await Move(from.native_handle(), pipe.write_end.get(), kChunk, from,
                                   tcp::socket::wait_read));
    if (rest == 0) break;
    while (rest > 0) {
      DROVER_CO_ASSIGN_OR_RETURN(size_t moved,
                                 co_await Move(pipe.read_end.get(), to.native_handle(), rest, to,
                                               tcp::socket::wait_write));
      rest -= moved;
    }
  }
  boost::system::error_code ignored;
  to.shutdown(tcp::socket::shutdown_send, ignored);
  co_return absl::OkStatus();
}

}  // namespace drover::proxy
