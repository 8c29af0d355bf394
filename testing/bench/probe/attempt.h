// One short connection: connect, a request, its answer, closed.
#ifndef DROVER_TESTING_BENCH_PROBE_ATTEMPT_H_
#define DROVER_TESTING_BENCH_PROBE_ATTEMPT_H_

#include <array>
#include <boost/asio.hpp>
#include <functional>
#include <memory>
#include <string>

#include "testing/bench/probe/redis_exchange.h"

namespace drover::bench {

enum class Outcome {
  kAnswered,
  kStale,
  kLoading,  // Redis answered that it still loads its data.
  kError,    // Another answer that is not the one asked for.
  kRefused,  // The connect failed, in whatever way.
  kReset,    // Connected, and closed before the answer.
  kTimeout,  // Connected, and never answered.
};

// The word by which it is reported.
const char* OutcomeName(Outcome outcome);

// Lives until it has reported. It closes by a reset, so that thousands a second leave no connection
// in TIME_WAIT behind. Used from the thread of its io_context only.
class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  using OnEnd = std::function<void(Outcome)>;

  static void Start(boost::asio::io_context& io, const boost::asio::ip::tcp::endpoint& target,
                    Request request, const std::string& key, OnEnd on_end);

 private:
  Attempt(boost::asio::io_context& io, Request request, OnEnd on_end);

  void Connected(boost::system::error_code error);
  void Written(boost::system::error_code error);
  void Read();
  void Received(boost::system::error_code error, size_t length);
  void End(Outcome outcome);

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer deadline_;
  const Request request_;
  std::string wire_;
  std::array<char, 512> buffer_;
  std::string received_;
  bool connected_ = false;
  OnEnd on_end_;
};

}  // namespace drover::bench

#endif  // DROVER_TESTING_BENCH_PROBE_ATTEMPT_H_
