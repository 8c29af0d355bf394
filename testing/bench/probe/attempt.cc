#include "testing/bench/probe/attempt.h"

#include <chrono>
#include <utility>

namespace drover::bench {
namespace {

namespace asio = boost::asio;

// Longer than any hold: a client that gives up sooner would count as lost what is only late.
constexpr std::chrono::seconds kPatience(70);

}  // namespace

const char* OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAnswered:
      return "answered";
    case Outcome::kStale:
      return "stale";
    case Outcome::kLoading:
      return "loading";
    case Outcome::kError:
      return "error";
    case Outcome::kRefused:
      return "refused";
    case Outcome::kReset:
      return "reset";
    case Outcome::kTimeout:
      return "timeout";
  }
  return "unknown";
}

Attempt::Attempt(asio::io_context& io, Request request, OnEnd on_end)
    : socket_(io), deadline_(io), request_(request), on_end_(std::move(on_end)) {}

void Attempt::Start(asio::io_context& io, const asio::ip::tcp::endpoint& target, Request request,
                    const std::string& key, OnEnd on_end) {
  // The constructor is private: make_shared cannot call it.
  std::shared_ptr<Attempt> attempt(new Attempt(io, request, std::move(on_end)));
  attempt->wire_ = Encode(request, key);
  attempt->deadline_.expires_after(kPatience);
  attempt->deadline_.async_wait([attempt](boost::system::error_code error) {
    if (!error) attempt->End(attempt->connected_ ? Outcome::kTimeout : Outcome::kRefused);
  });
  attempt->socket_.async_connect(
      target, [attempt](boost::system::error_code error) { attempt->Connected(error); });
}

void Attempt::Connected(boost::system::error_code error) {
  if (error) return End(Outcome::kRefused);
  connected_ = true;
  asio::async_write(socket_, asio::buffer(wire_),
                    [self = shared_from_this()](boost::system::error_code failed, size_t) {
                      self->Written(failed);
                    });
}

void Attempt::Written(boost::system::error_code error) {
  if (error) return End(Outcome::kReset);
  Read();
}

void Attempt::Read() {
  socket_.async_read_some(
      asio::buffer(buffer_),
      [self = shared_from_this()](boost::system::error_code error, size_t length) {
        self->Received(error, length);
      });
}

void Attempt::Received(boost::system::error_code error, size_t length) {
  if (error) return End(Outcome::kReset);
  received_.append(buffer_.data(), length);
  switch (Judge(request_, received_)) {
    case Answer::kIncomplete:
      return Read();
    case Answer::kGood:
      return End(Outcome::kAnswered);
    case Answer::kStale:
      return End(Outcome::kStale);
    case Answer::kLoading:
      return End(Outcome::kLoading);
    case Answer::kError:
      return End(Outcome::kError);
  }
}

void Attempt::End(Outcome outcome) {
  if (!on_end_) return;
  OnEnd on_end = std::exchange(on_end_, nullptr);
  deadline_.cancel();
  boost::system::error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
  on_end(outcome);
}

}  // namespace drover::bench
