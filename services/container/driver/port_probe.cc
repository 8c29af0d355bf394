#include "services/container/driver/port_probe.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <memory>

#include "absl/strings/str_cat.h"

namespace drover::container {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

constexpr absl::Duration kConnectTimeout = absl::Milliseconds(100);
constexpr size_t kLongestStatusLine = 4096;

asio::redirect_error_t<asio::use_awaitable_t<>> Into(error_code& error) {
  return asio::redirect_error(asio::use_awaitable, error);
}

// Closes a socket after a time, and so ends whatever waits on it; not after its own destruction.
class Deadline {
 public:
  Deadline(std::shared_ptr<Tcp::socket> socket, absl::Duration timeout)
      : timer_(socket->get_executor(), absl::ToChronoNanoseconds(timeout)) {
    timer_.async_wait([socket](error_code error) {
      error_code ignored;
      if (!error) socket->close(ignored);
    });
  }

 private:
  asio::steady_timer timer_;
};

bool IsGoodStatusLine(const std::string& line) {
  const size_t space = line.find(' ');
  return line.starts_with("HTTP/") && space != std::string::npos && space + 1 < line.size() &&
         (line[space + 1] == '2' || line[space + 1] == '3');
}

Task<absl::Status> Get(std::shared_ptr<Tcp::socket> socket, std::string host, std::string path) {
  const std::string request = absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: ", host,
                                           "\r\nConnection: close\r\nAccept: */*\r\n\r\n");
  error_code error;
  co_await asio::async_write(*socket, asio::buffer(request), Into(error));
  std::string answer;
  if (!error) {
    co_await asio::async_read_until(*socket, asio::dynamic_buffer(answer, kLongestStatusLine), '\n',
                                    Into(error));
  }
  if (error) co_return absl::UnavailableError(absl::StrCat(path, ": ", error.message()));
  if (IsGoodStatusLine(answer)) co_return absl::OkStatus();
  co_return absl::UnavailableError(
      absl::StrCat(path, " answers ", answer.substr(0, answer.find_first_of("\r\n"))));
}

}  // namespace

Task<absl::Status> ProbePort(std::string address, int port, std::string http_path,
                             absl::Duration timeout) {
  error_code error;
  const auto ip = asio::ip::make_address(address, error);
  if (error) co_return absl::UnavailableError("the container has no address");
  auto socket = std::make_shared<Tcp::socket>(co_await asio::this_coro::executor);
  {
    const Deadline deadline(socket, std::min(timeout, kConnectTimeout));
    co_await socket->async_connect(Tcp::endpoint(ip, port), Into(error));
  }
  if (error) {
    co_return absl::UnavailableError(absl::StrCat("port ", port, ": ", error.message()));
  }
  if (http_path.empty()) co_return absl::OkStatus();
  const Deadline deadline(socket, timeout);
  co_return co_await Get(socket, absl::StrCat(address, ":", port), http_path);
}

}  // namespace drover::container
