// drover: the real terminal, the real coordinator.

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/drover.h"
#include "cli/stdio_buffer.h"
#include "services/common/tls/credentials.h"
#include "services/coordinator/client/grpc_coordinator_client.h"

namespace drover::cli {
namespace {

// Of terminals that do not say, such as serial lines.
constexpr int kUnknownColumns = 80;

absl::StatusOr<Connection> ConnectWithTls(const std::string& address, const std::string& cert_dir) {
  absl::StatusOr<TlsFolder> tls = TlsFolder::Open(cert_dir);
  if (!tls.ok()) return tls.status();
  std::shared_ptr<grpc::Channel> channel =
      tls->Connect(address, CoordinatorOf(tls->identity().cluster));
  Connection connection;
  // Never closed: gRPC's threads may still be busy with the end of the last call when the answer
  // has been printed, and a channel torn down under them aborted the process now and then.
  new std::shared_ptr<grpc::Channel>(channel);
  connection.client = std::make_unique<coordinator::GrpcCoordinatorClient>(channel);
  connection.is_connected = [channel] {
    return channel->GetState(/*try_to_connect=*/false) == GRPC_CHANNEL_READY;
  };
  return connection;
}

// Reads without blocking the loop, so that Ctrl-C is noticed at a prompt.
Task<std::optional<std::string>> ReadLine(boost::asio::io_context& io) {
  boost::asio::posix::stream_descriptor input(io, dup(STDIN_FILENO));
  std::string buffer;
  boost::system::error_code error;
  auto token = boost::asio::redirect_error(boost::asio::use_awaitable, error);
  const size_t size = co_await boost::asio::async_read_until(
      input, boost::asio::dynamic_buffer(buffer), '\n', token);
  if (error) co_return std::nullopt;
  co_return buffer.substr(0, size - 1);
}

int TerminalColumns() {
  for (int fd : {STDOUT_FILENO, STDERR_FILENO}) {
    winsize size = {};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  }
  return kUnknownColumns;
}

int Main(int argc, char** argv) {
  boost::asio::io_context io(1);
  RealClock clock;
  TimerSleeper sleeper;
  Environment environment;
  environment.out = &std::cout;
  environment.err = &std::cerr;
  environment.out_is_terminal = isatty(STDOUT_FILENO);
  environment.err_is_terminal = isatty(STDERR_FILENO);
  environment.in_is_terminal = isatty(STDIN_FILENO);
  environment.terminal_columns = &TerminalColumns;
  environment.get_variable = [](const char* name) {
    const char* value = getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  environment.connect = &ConnectWithTls;
  environment.read_line = [&io] { return ReadLine(io); };
  environment.clock = &clock;
  environment.sleeper = &sleeper;
  return static_cast<int>(
      RunDrover(std::vector<std::string>(argv + 1, argv + argc), io, environment));
}

// The exit code of what ended with `exit_code`, if its output could not be written: a script must
// not take half a document for the whole. A reader that has gone, such as `head`, wants no more.
int CheckOutput(const StdioBuffer& output, int exit_code) {
  if (output.error() == 0 || output.error() == EPIPE) return exit_code;
  std::cerr << "drover: cannot write the output: " << strerror(output.error()) << "\n";
  return exit_code == static_cast<int>(ExitCode::kOk) ? static_cast<int>(ExitCode::kFailed)
                                                      : exit_code;
}

}  // namespace
}  // namespace drover::cli

int main(int argc, char** argv) {
  // What gRPC logs goes to the user's terminal, where we say it in our own words; before gRPC
  // looks.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  drover::cli::StdioBuffer output(stdout);
  std::cout.rdbuf(&output);
  int exit_code = drover::cli::Main(argc, argv);
  std::cout.flush();
  exit_code = drover::cli::CheckOutput(output, exit_code);
  std::cerr.flush();
  // Without gRPC's own clean-up at exit, for the same reason that its channel stays open.
  _exit(exit_code);
}
