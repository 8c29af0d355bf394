// Against an engine that hangs. What a real one answers is the matter of engine_contract_test.
#include "services/container/backend/docker_http.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <optional>
#include <string>

namespace drover::container {
namespace {

namespace asio = boost::asio;
using Protocol = asio::local::stream_protocol;

TEST(DockerHttpTest, AnAnswerThatStopsComingIsGivenUp) {
  // Short: a socket's path ends at 108 bytes.
  std::string folder = "/tmp/drover-http-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/engine.sock";
  asio::io_context io;
  Protocol::acceptor acceptor(io, Protocol::endpoint(path));
  Protocol::socket peer(io);
  const std::string begin = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n";
  acceptor.async_accept(peer, [&](boost::system::error_code error) {
    ASSERT_FALSE(error) << error.message();
    asio::write(peer, asio::buffer(begin));
  });

  DockerHttp http(path);
  std::string first;
  std::optional<absl::Status> second;
  auto read = [&]() -> Task<bool> {
    const HttpRequest request{.method = "POST", .target = "/images/create"};
    absl::StatusOr<DockerHttp::Opened> opened = co_await http.Open(request, absl::Seconds(1));
    EXPECT_TRUE(opened.ok()) << opened.status();
    if (!opened.ok()) co_return false;
    absl::StatusOr<std::string> piece = co_await opened->content();
    first = piece.value_or("");
    piece = co_await opened->content();
    second = piece.status();
    co_return true;
  };
  asio::co_spawn(io, read(), [](std::exception_ptr, bool) {});
  io.run();
  std::filesystem::remove_all(folder);
  EXPECT_EQ(first, "first");
  ASSERT_TRUE(second.has_value());
  EXPECT_TRUE(absl::IsDeadlineExceeded(*second)) << *second;
}

}  // namespace
}  // namespace drover::container
