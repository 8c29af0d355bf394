// Running drover in a test: a fake coordinator, a fake terminal.
#ifndef DROVER_CLI_TESTING_COMMAND_TEST_H_
#define DROVER_CLI_TESTING_COMMAND_TEST_H_

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "cli/drover.h"
#include "services/coordinator/client/fake_coordinator_client.h"

namespace drover::cli {

template <class Message>
Message FromText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// Ctrl-C, at a place where the command waits: ends when that is noticed, which cancels it.
inline Task<void> PressCtrlC() {
  raise(SIGINT);
  TimerSleeper sleeper;
  co_await sleeper.SleepFor(absl::Hours(1));
}

class NoWait : public Sleeper {
 public:
  Task<void> SleepFor(absl::Duration) override {
    if (++sleeps == interrupted_sleep) co_await PressCtrlC();
  }
  int sleeps = 0;
  // The one in which Ctrl-C is pressed; 0: none.
  int interrupted_sleep = 0;
};

class CommandTest : public testing::Test {
 protected:
  CommandTest() {
    environment_.out = &out_;
    environment_.err = &err_;
    environment_.terminal_columns = [this] { return terminal_columns_; };
    environment_.get_variable = [](const char* name) {
      return std::string(std::string(name) == "DROVER_COORDINATOR" ? "lab:7400"
                         : std::string(name) == "DROVER_CERT_DIR"  ? "certs"
                                                                   : "");
    };
    // A copy each time: the command owns and destroys its client.
    environment_.connect = [this](const std::string& address,
                                  const std::string& cert_dir) -> absl::StatusOr<Connection> {
      connected_to_ = address + " " + cert_dir;
      return Connection{std::make_unique<coordinator::FakeCoordinatorClient>(coordinator_),
                        [this] { return is_connected_; }};
    };
    environment_.read_line = [this]() -> Task<std::optional<std::string>> { co_return answer_; };
    environment_.clock = &clock_;
    environment_.sleeper = &sleeper_;
  }

  // Runs `drover ARGUMENTS…` and answers its exit code; its output is in out() and err().
  int Run(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    return static_cast<int>(RunDrover(std::move(arguments), io_, environment_));
  }
  std::string out() const { return out_.str(); }
  std::string err() const { return err_.str(); }

  boost::asio::io_context io_{1};
  coordinator::FakeCoordinatorClient coordinator_;
  bool is_connected_ = true;
  int terminal_columns_ = 80;
  std::string connected_to_;
  std::optional<std::string> answer_;
  FakeClock clock_;
  NoWait sleeper_;
  std::ostringstream out_;
  std::ostringstream err_;
  Environment environment_;
};

}  // namespace drover::cli

#endif  // DROVER_CLI_TESTING_COMMAND_TEST_H_
