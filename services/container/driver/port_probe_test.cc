// Against a server of the test's own on the loopback interface.
#include "services/container/driver/port_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <optional>

namespace drover::container {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::HasSubstr;

class PortProbeTest : public testing::Test {
 protected:
  // Answers one request with `answer`.
  void Serve(std::string answer) {
    asio::co_spawn(io_, ServeOne(std::move(answer)), asio::detached);
  }
  Task<void> ServeOne(std::string answer) {
    tcp::socket socket = co_await listener_.async_accept(asio::use_awaitable);
    co_await asio::async_read_until(socket, asio::dynamic_buffer(request_), "\r\n\r\n",
                                    asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer(answer), asio::use_awaitable);
  }

  absl::Status Probe(const std::string& path, absl::Duration timeout = absl::Seconds(30)) {
    std::optional<absl::Status> result;
    asio::co_spawn(io_, ProbePort("127.0.0.1", port_, path, timeout),
                   [&](std::exception_ptr, absl::Status status) {
                     result = status;
                     io_.stop();
                   });
    io_.restart();
    io_.run();
    return *result;
  }

  asio::io_context io_;
  tcp::acceptor listener_{io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  const int port_ = listener_.local_endpoint().port();
  std::string request_;
};

TEST_F(PortProbeTest, APortThatAcceptsIsEnough) { EXPECT_TRUE(Probe("").ok()); }

TEST_F(PortProbeTest, ARefusedConnectionIsNotReady) {
  listener_.close();
  const absl::Status status = Probe("");
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("refused"));
}

TEST_F(PortProbeTest, HttpIsReadyWithItsAnswer) {
  Serve("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_TRUE(Probe("/health").ok());
  EXPECT_THAT(request_, HasSubstr("GET /health HTTP/1.1\r\n"));
  Serve("HTTP/1.0 302 Found\r\n\r\n");
  EXPECT_TRUE(Probe("/").ok());
}

TEST_F(PortProbeTest, AnErrorOfTheServerIsNotReady) {
  Serve("HTTP/1.1 503 Service Unavailable\r\n\r\n");
  EXPECT_THAT(Probe("/").message(), HasSubstr("answers HTTP/1.1 503 Service Unavailable"));
}

TEST_F(PortProbeTest, WhatIsNotHttpIsNotReady) {
  Serve("-ERR unknown command\n");
  EXPECT_TRUE(absl::IsUnavailable(Probe("/")));
}

TEST_F(PortProbeTest, AServerThatNeverAnswersIsGivenUp) {
  // The kernel accepts; nobody reads.
  EXPECT_TRUE(absl::IsUnavailable(Probe("/", absl::Milliseconds(50))));
}

}  // namespace
}  // namespace drover::container
