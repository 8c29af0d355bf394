#include "services/volume/testing/cuttable_link.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <vector>

#include "absl/strings/str_cat.h"

namespace drover::volume {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

tcp::endpoint Loopback(int port) {
  return {asio::ip::address_v4::loopback(), static_cast<uint16_t>(port)};
}

// Children of the test may have inherited the socket: closing it alone would not end the
// connection.
void HangUp(tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.shutdown(tcp::socket::shutdown_both, ignored);
  socket.close(ignored);
}

}  // namespace

CuttableLink::CuttableLink(int port) : acceptor_(io_, Loopback(0)), port_(port) {
  asio::co_spawn(io_, Accept(), asio::detached);
  thread_ = std::thread([this] { io_.run(); });
}

CuttableLink::~CuttableLink() {
  io_.stop();
  thread_.join();
}

std::string CuttableLink::address() const {
  return absl::StrCat("127.0.0.1:", acceptor_.local_endpoint().port());
}

void CuttableLink::Plan(int64_t bytes, bool for_long) {
  auto plan = [this, bytes, for_long] {
    cut_at_ = bytes_ + bytes;
    cut_for_long_ = for_long;
  };
  asio::post(io_, asio::use_future(std::move(plan))).get();
}

void CuttableLink::Mend(int port) {
  auto mend = [this, port] {
    port_ = port;
    refuse_ = false;
  };
  asio::post(io_, asio::use_future(std::move(mend))).get();
}

void CuttableLink::Count(size_t bytes) {
  bytes_ += static_cast<int64_t>(bytes);
  if (cut_at_ < 0 || bytes_ < cut_at_) return;
  cut_at_ = -1;
  refuse_ = cut_for_long_;
  for (const auto& socket : sockets_) HangUp(*socket);
  if (!cut_.HasBeenNotified()) cut_.Notify();
}

Task<void> CuttableLink::Accept() {
  while (true) {
    auto client = std::make_shared<Socket>(io_);
    co_await acceptor_.async_accept(*client, asio::use_awaitable);
    if (refuse_) continue;
    auto node = std::make_shared<Socket>(io_);
    boost::system::error_code failed;
    co_await node->async_connect(Loopback(port_),
                                 asio::redirect_error(asio::use_awaitable, failed));
    if (failed) continue;
    sockets_.insert({client, node});
    asio::co_spawn(io_, Forward(client, node, true), asio::detached);
    asio::co_spawn(io_, Forward(node, client, false), asio::detached);
  }
}

Task<void> CuttableLink::Forward(std::shared_ptr<Socket> from, std::shared_ptr<Socket> to,
                                 bool to_node) {
  std::vector<char> buffer(64 << 10);
  boost::system::error_code failed;
  while (!failed) {
    const size_t size = co_await from->async_read_some(
        asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, failed));
    if (failed) break;
    co_await asio::async_write(*to, asio::buffer(buffer.data(), size),
                               asio::redirect_error(asio::use_awaitable, failed));
    if (to_node) Count(size);
  }
  HangUp(*from);
  HangUp(*to);
  sockets_.erase(from);
}

}  // namespace drover::volume
