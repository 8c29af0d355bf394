#include "services/container/backend/docker_http.h"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"

namespace drover::container {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Stream = beast::basic_stream<asio::local::stream_protocol>;
using boost::system::error_code;

constexpr size_t kPieceSize = 128 << 10;
constexpr size_t kLargestBody = 64 << 20;
constexpr int kHttp11 = 11;

asio::redirect_error_t<asio::use_awaitable_t<>> Into(error_code& error) {
  return asio::redirect_error(asio::use_awaitable, error);
}

absl::Status EngineDown(const std::string& socket_path, const error_code& error) {
  if (error == beast::error::timeout) {
    return absl::DeadlineExceededError("the container engine has not answered in time");
  }
  return StatusWithReason(absl::StatusCode::kUnavailable, "ENGINE_DOWN",
                          absl::StrCat("the container engine does not answer at ", socket_path,
                                       " (", error.message(), "); is it running?"));
}

bool IsSuccess(int status) { return status >= 200 && status < 300; }

// One request and its answer.
class Exchange {
 public:
  Exchange(asio::any_io_executor executor, std::string socket_path)
      : stream_(std::move(executor)), socket_path_(std::move(socket_path)) {
    parser_.body_limit(boost::none);
  }

  // The limit for each piece of the answer.
  void SetStallLimit(absl::Duration limit) { stall_limit_ = limit; }
  // The limit for all that follows.
  void SetTimeout(absl::Duration timeout) {
    if (timeout == absl::InfiniteDuration()) {
      stream_.expires_never();
    } else {
      stream_.expires_after(absl::ToChronoNanoseconds(timeout));
    }
  }

  Task<absl::Status> Connect() {
    error_code error;
    const asio::local::stream_protocol::endpoint endpoint(socket_path_);
    co_await stream_.async_connect(endpoint, Into(error));
    co_return error ? EngineDown(socket_path_, error) : absl::OkStatus();
  }

  Task<absl::Status> Send(const HttpRequest& request) {
    http::request<http::string_body> message(http::string_to_verb(request.method), request.target,
                                             kHttp11);
    message.set(http::field::host, "docker");
    if (!request.body.empty()) message.set(http::field::content_type, "application/json");
    message.body() = request.body;
    message.prepare_payload();
    error_code error;
    co_await http::async_write(stream_, message, Into(error));
    co_return error ? EngineDown(socket_path_, error) : absl::OkStatus();
  }

  Task<absl::Status> SendChunks(const HttpRequest& request, ByteSource source) {
    http::request<http::empty_body> message(http::string_to_verb(request.method), request.target,
                                            kHttp11);
    message.set(http::field::host, "docker");
    message.set(http::field::content_type, "application/x-tar");
    message.chunked(true);
    http::request_serializer<http::empty_body> serializer(message);
    error_code error;
    co_await http::async_write_header(stream_, serializer, Into(error));
    while (!error) {
      absl::StatusOr<std::string> piece = co_await source();
      if (!piece.ok()) co_return piece.status();
      if (piece->empty()) break;
      co_await asio::async_write(stream_, http::make_chunk(asio::buffer(*piece)), Into(error));
    }
    if (!error) co_await asio::async_write(stream_, http::make_chunk_last(), Into(error));
    // An engine that refuses answers before it has read everything: its answer says why.
    co_return absl::OkStatus();
  }

  Task<absl::StatusOr<int>> ReadHeaders() {
    error_code error;
    if (stall_limit_.has_value()) SetTimeout(*stall_limit_);
    co_await http::async_read_header(stream_, buffer_, parser_, Into(error));
    if (error) co_return EngineDown(socket_path_, error);
    co_return static_cast<int>(parser_.get().result_int());
  }

  // The next piece of the body; empty at its end.
  Task<absl::StatusOr<std::string>> ReadPiece() {
    while (!parser_.is_done()) {
      parser_.get().body().data = piece_.data();
      parser_.get().body().size = piece_.size();
      error_code error;
      if (stall_limit_.has_value()) SetTimeout(*stall_limit_);
      co_await http::async_read_some(stream_, buffer_, parser_, Into(error));
      if (error == http::error::need_buffer) error = {};
      if (error) co_return EngineDown(socket_path_, error);
      const size_t count = piece_.size() - parser_.get().body().size;
      if (count > 0) co_return std::string(piece_.data(), count);
    }
    co_return std::string();
  }

  Task<absl::StatusOr<std::string>> ReadBody() {
    std::string body;
    while (true) {
      DROVER_CO_ASSIGN_OR_RETURN(std::string piece, co_await ReadPiece());
      if (piece.empty()) co_return body;
      body += piece;
      if (body.size() > kLargestBody) {
        co_return absl::InternalError("the container engine's answer is too large");
      }
    }
  }

 private:
  Stream stream_;
  std::string socket_path_;
  std::optional<absl::Duration> stall_limit_;
  beast::flat_buffer buffer_;
  std::vector<char> piece_ = std::vector<char>(kPieceSize);
  http::response_parser<http::buffer_body> parser_;
};

}  // namespace

Task<absl::StatusOr<HttpResponse>> DockerHttp::Call(HttpRequest request, absl::Duration timeout) {
  Exchange exchange(co_await asio::this_coro::executor, socket_path_);
  exchange.SetTimeout(timeout);
  DROVER_CO_RETURN_IF_ERROR(co_await exchange.Connect());
  DROVER_CO_RETURN_IF_ERROR(co_await exchange.Send(request));
  HttpResponse response;
  DROVER_CO_ASSIGN_OR_RETURN(response.status, co_await exchange.ReadHeaders());
  DROVER_CO_ASSIGN_OR_RETURN(response.body, co_await exchange.ReadBody());
  co_return response;
}

Task<absl::StatusOr<DockerHttp::Opened>> DockerHttp::Open(HttpRequest request,
                                                          absl::Duration stall_limit) {
  auto exchange = std::make_shared<Exchange>(co_await asio::this_coro::executor, socket_path_);
  exchange->SetTimeout(stall_limit);
  exchange->SetStallLimit(stall_limit);
  DROVER_CO_RETURN_IF_ERROR(co_await exchange->Connect());
  DROVER_CO_RETURN_IF_ERROR(co_await exchange->Send(request));
  Opened opened;
  DROVER_CO_ASSIGN_OR_RETURN(opened.response.status, co_await exchange->ReadHeaders());
  if (IsSuccess(opened.response.status)) {
    opened.content = [exchange]() { return exchange->ReadPiece(); };
  } else {
    DROVER_CO_ASSIGN_OR_RETURN(opened.response.body, co_await exchange->ReadBody());
  }
  co_return opened;
}

Task<absl::StatusOr<HttpResponse>> DockerHttp::Upload(HttpRequest request, ByteSource source) {
  Exchange exchange(co_await asio::this_coro::executor, socket_path_);
  exchange.SetTimeout(absl::InfiniteDuration());
  DROVER_CO_RETURN_IF_ERROR(co_await exchange.Connect());
  DROVER_CO_RETURN_IF_ERROR(co_await exchange.SendChunks(request, std::move(source)));
  HttpResponse response;
  DROVER_CO_ASSIGN_OR_RETURN(response.status, co_await exchange.ReadHeaders());
  DROVER_CO_ASSIGN_OR_RETURN(response.body, co_await exchange.ReadBody());
  co_return response;
}

}  // namespace drover::container
