#include "services/common/process/child.h"

#include <fcntl.h>
#include <signal.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/process/spawn.h"
#include "services/common/status/status_macros.h"

namespace drover {
namespace {

using boost::asio::posix::stream_descriptor;

constexpr size_t kErrorOutputKept = 4096;

class PipedChild : public Child {
 public:
  PipedChild(boost::asio::any_io_executor executor, std::string command_line,
             SpawnedProcess process)
      : command_line_(std::move(command_line)),
        process_(std::move(process)),
        input_(executor),
        output_(executor),
        error_output_(executor),
        end_(executor) {}

  ~PipedChild() override {
    if (reaped_) return;
    Kill();
    Reap(process_).IgnoreError();
  }

  void Connect(UniqueFd input, UniqueFd output, UniqueFd error_output) {
    if (input.valid()) input_.assign(input.Release());
    if (output.valid()) output_.assign(output.Release());
    error_output_.assign(error_output.Release());
    end_.assign(process_.pidfd.Release());
  }

  Task<absl::StatusOr<size_t>> Read(char* buffer, size_t size) override {
    boost::system::error_code error;
    size_t count = co_await output_.async_read_some(
        boost::asio::buffer(buffer, size),
        boost::asio::redirect_error(boost::asio::use_awaitable, error));
    if (error == boost::asio::error::eof) co_return 0;
    if (error) co_return Failure("cannot be read from", error);
    co_return count;
  }

  Task<absl::Status> Write(const char* data, size_t size) override {
    boost::system::error_code error;
    co_await boost::asio::async_write(
        input_, boost::asio::buffer(data, size),
        boost::asio::redirect_error(boost::asio::use_awaitable, error));
    if (error) co_return Failure("does not read any more", error);
    co_return absl::OkStatus();
  }

  void CloseInput() override {
    boost::system::error_code ignored;
    input_.close(ignored);
  }

  Task<absl::Status> Wait() override {
    // What the child says is short; a child that fills the pipe with more still ends, since we read
    // to the end.
    std::string said;
    boost::system::error_code error;
    while (!error) {
      char buffer[1024];
      size_t count = co_await error_output_.async_read_some(
          boost::asio::buffer(buffer),
          boost::asio::redirect_error(boost::asio::use_awaitable, error));
      if (said.size() < kErrorOutputKept) said.append(buffer, count);
    }
    co_await end_.async_wait(stream_descriptor::wait_read,
                             boost::asio::redirect_error(boost::asio::use_awaitable, error));
    absl::StatusOr<int> code = Reap(process_);
    reaped_ = true;
    if (!code.ok()) co_return code.status();
    if (*code == 0) co_return absl::OkStatus();
    co_return absl::InternalError(absl::StrCat("`", command_line_, "` failed with exit code ",
                                               *code, ": ", absl::StripAsciiWhitespace(said)));
  }

  void Kill() override {
    if (!reaped_) kill(process_.pid, SIGKILL);
  }

 private:
  absl::Status Failure(absl::string_view what, const boost::system::error_code& error) const {
    return absl::UnavailableError(
        absl::StrCat("`", command_line_, "` ", what, ": ", error.message()));
  }

  const std::string command_line_;
  SpawnedProcess process_;
  bool reaped_ = false;
  stream_descriptor input_;
  stream_descriptor output_;
  stream_descriptor error_output_;
  stream_descriptor end_;  // The pidfd.
};

absl::StatusOr<Pipe> MakePipeFor(const ChildOptions& options) {
  DROVER_ASSIGN_OR_RETURN(Pipe pipe, MakePipe());
  // Refused beyond a limit of the system: then it stays as it is.
  if (options.pipe_bytes > 0) fcntl(pipe.write_end.get(), F_SETPIPE_SZ, options.pipe_bytes);
  return pipe;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Child>> Child::Start(boost::asio::any_io_executor executor,
                                                    std::vector<std::string> command,
                                                    ChildOptions options) {
  signal(SIGPIPE, SIG_IGN);  // A child that stops reading is an error of one write, not our end.
  Pipe input;
  Pipe output;
  if (options.pipe_input) {
    DROVER_ASSIGN_OR_RETURN(input, MakePipeFor(options));
  }
  if (options.pipe_output) {
    DROVER_ASSIGN_OR_RETURN(output, MakePipeFor(options));
  }
  DROVER_ASSIGN_OR_RETURN(Pipe error_output, MakePipe());
  DROVER_ASSIGN_OR_RETURN(
      SpawnedProcess process,
      Spawn(command, {input.read_end.get(), output.write_end.get(), error_output.write_end.get()}));
  auto child =
      std::make_unique<PipedChild>(executor, absl::StrJoin(command, " "), std::move(process));
  child->Connect(std::move(input.write_end), std::move(output.read_end),
                 std::move(error_output.read_end));
  return child;
}

}  // namespace drover
