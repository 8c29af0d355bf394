// bench-probe: what clients see of an interruption. Opens short connections to each target all the
// time, and says on standard output when answers stayed away, and which connections failed. Ends
// when standard input does.
#include <CLI/CLI.hpp>
#include <array>
#include <boost/asio.hpp>
#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "testing/bench/probe/target_client.h"

namespace drover::bench {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kLastMoment(3);

struct Options {
  std::vector<std::string> targets;
  int interval_us = 1000;
  int write_every = 20;
  int threshold_us = 5000;
};

// NAME=HOST:PORT
TargetOptions ParseTarget(asio::io_context& io, const Options& options, const std::string& text) {
  const size_t equals = text.find('='), colon = text.rfind(':');
  if (equals == std::string::npos || colon == std::string::npos || colon < equals) {
    throw CLI::ValidationError(text, "write a target as NAME=HOST:PORT");
  }
  asio::ip::tcp::resolver resolver(io);
  const auto found = resolver.resolve(
      asio::ip::tcp::v4(), text.substr(equals + 1, colon - equals - 1), text.substr(colon + 1));
  return {.name = text.substr(0, equals),
          .endpoint = found.begin()->endpoint(),
          .interval = std::chrono::microseconds(options.interval_us),
          .write_every = options.write_every,
          .threshold = std::chrono::microseconds(options.threshold_us)};
}

int Run(const Options& options) {
  asio::io_context io(1);
  std::vector<std::unique_ptr<TargetClient>> clients;
  auto print = [](const std::string& line) { std::cout << line << std::endl; };
  for (const std::string& target : options.targets) {
    clients.push_back(std::make_unique<TargetClient>(io, ParseTarget(io, options, target), print));
  }
  // When standard input ends, what is open gets a moment to be answered.
  asio::posix::stream_descriptor input(io, STDIN_FILENO);
  asio::steady_timer last_moment(io);
  std::array<char, 1> byte;
  input.async_read_some(asio::buffer(byte), [&](boost::system::error_code, size_t) {
    for (const auto& client : clients) client->Stop();
    last_moment.expires_after(kLastMoment);
    last_moment.async_wait([&io](boost::system::error_code) { io.stop(); });
  });
  for (const auto& client : clients) client->Start();
  io.run();
  for (const auto& client : clients) {
    client->GiveUp();
    print(client->Summary());
  }
  return 0;
}

}  // namespace
}  // namespace drover::bench

int main(int argc, char** argv) {
  drover::bench::Options options;
  CLI::App app{"Opens short connections to Redis all the time, and says when answers stay away."};
  app.add_option("TARGET", options.targets, "NAME=HOST:PORT, any number")->required();
  app.add_option("--interval-us", options.interval_us,
                 "from one connection to a target to the next")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--write-every", options.write_every, "every so many connections write; 0 = none")
      ->capture_default_str();
  app.add_option("--threshold-us", options.threshold_us, "the shortest gap that is reported")
      ->capture_default_str();
  try {
    app.parse(argc, argv);
    return drover::bench::Run(options);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  } catch (const boost::system::system_error& error) {
    std::cerr << "bench-probe: " << error.what() << "\n";
    return 1;
  }
}
