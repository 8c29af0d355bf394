#include "services/proxy/backend/splice.h"

#include <fcntl.h>
#include <string.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <chrono>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"

namespace drover::proxy {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// What a pipe holds by default; the kernel moves whole pages of it.
constexpr size_t kChunk = 64 * 1024;
constexpr int kChunksAtOnce = 16;
constexpr auto kTakeAgainAfter = std::chrono::milliseconds(10);

absl::Status Broken(int error) {
  return absl::UnavailableError(absl::StrCat("the connection broke: ", strerror(error)));
}

// Waits until splice() from or to the socket can go on.
Task<absl::Status> Ready(tcp::socket& socket, tcp::socket::wait_type type) {
  auto [error] = co_await socket.async_wait(type, asio::as_tuple(asio::use_awaitable));
  if (error) co_return Broken(error.value());
  co_return absl::OkStatus();
}

// The number of bytes moved, 0 at the end, none if one of the two is not ready.
absl::StatusOr<std::optional<size_t>> Move(int from, int to, size_t size) {
  while (true) {
    const ssize_t moved =
        splice(from, nullptr, to, nullptr, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (moved >= 0) return static_cast<size_t>(moved);
    if (errno == EAGAIN) return std::nullopt;
    if (errno != EINTR) return Broken(errno);
  }
}

// Without a descriptor left, the bytes wait: other connections give theirs back.
Task<absl::StatusOr<Pipe>> TakePipe(PipePool& pipes) {
  absl::StatusOr<Pipe> pipe = pipes.Take();
  while (!pipe.ok()) {
    asio::steady_timer pause(co_await asio::this_coro::executor, kTakeAgainAfter);
    co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    pipe = pipes.Take();
  }
  co_return pipe;
}

// Moves `size` bytes out of the pipe, however long the socket takes for them.
Task<absl::Status> Empty(int pipe, tcp::socket& to, size_t size) {
  while (size > 0) {
    DROVER_CO_ASSIGN_OR_RETURN(std::optional<size_t> moved, Move(pipe, to.native_handle(), size));
    if (moved.has_value()) {
      size -= *moved;
    } else {
      DROVER_CO_RETURN_IF_ERROR(co_await Ready(to, tcp::socket::wait_write));
    }
  }
  co_return absl::OkStatus();
}

}  // namespace

Task<absl::Status> Splice(tcp::socket& from, tcp::socket& to, PipePool& pipes) {
  bool at_end = false;
  while (!at_end) {
    DROVER_CO_RETURN_IF_ERROR(co_await Ready(from, tcp::socket::wait_read));
    DROVER_CO_ASSIGN_OR_RETURN(Pipe pipe, co_await TakePipe(pipes));
    // Then others have their turn.
    for (int chunk = 0; chunk < kChunksAtOnce; ++chunk) {
      // The pipe is empty here, so it is the socket that has nothing more.
      DROVER_CO_ASSIGN_OR_RETURN(std::optional<size_t> size,
                                 Move(from.native_handle(), pipe.write_end.get(), kChunk));
      at_end = size == 0u;
      if (at_end || !size.has_value()) break;
      DROVER_CO_RETURN_IF_ERROR(co_await Empty(pipe.read_end.get(), to, *size));
    }
    pipes.Return(std::move(pipe));
  }
  boost::system::error_code ignored;
  to.shutdown(tcp::socket::shutdown_send, ignored);
  co_return absl::OkStatus();
}

}  // namespace drover::proxy
