#include "services/common/process/process.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "services/common/process/spawn.h"
#include "services/common/status/status_macros.h"

namespace drover {
namespace {

// Our ends of a child's pipes while it runs.
struct Conversation {
  UniqueFd input;
  UniqueFd output;
  UniqueFd error_output;
};

// Reads what is there; closes `fd` at its end.
void ReadSome(UniqueFd& fd, std::string& into) {
  char buffer[65536];
  ssize_t count = read(fd.get(), buffer, sizeof(buffer));
  if (count > 0) {
    into.append(buffer, count);
  } else if (count == 0 || errno != EINTR) {
    fd.Reset();
  }
}

// Writes what fits; closes `fd` when all is written or nobody reads any more.
void WriteSome(UniqueFd& fd, absl::string_view& rest) {
  ssize_t count =
      rest.empty() ? 0 : write(fd.get(), rest.data(), std::min<size_t>(rest.size(), 4096));
  if (count > 0) rest.remove_prefix(count);
  if (rest.empty() || (count < 0 && errno != EINTR)) fd.Reset();
}

// Serves the pipes until both outputs have ended. False if `deadline` came first.
bool Converse(Conversation& pipes, absl::string_view input, absl::Time deadline,
              CommandResult& result) {
  while (pipes.output.valid() || pipes.error_output.valid()) {
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration()) return false;
    pollfd fds[3] = {{pipes.input.get(), POLLOUT, 0},
                     {pipes.output.get(), POLLIN, 0},
                     {pipes.error_output.get(), POLLIN, 0}};
    if (poll(fds, 3, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1) < 0) continue;
    if (fds[0].revents != 0) WriteSome(pipes.input, input);
    if (fds[1].revents != 0) ReadSome(pipes.output, result.output);
    if (fds[2].revents != 0) ReadSome(pipes.error_output, result.error_output);
  }
  return true;
}

}  // namespace

absl::StatusOr<CommandResult> RunCommand(const std::vector<std::string>& command,
                                         const CommandOptions& options) {
  signal(SIGPIPE, SIG_IGN);  // A child that does not read its input is no reason to die.
  DROVER_ASSIGN_OR_RETURN(Pipe input, MakePipe());
  DROVER_ASSIGN_OR_RETURN(Pipe output, MakePipe());
  DROVER_ASSIGN_OR_RETURN(Pipe error_output, MakePipe());
  DROVER_ASSIGN_OR_RETURN(
      SpawnedProcess process,
      Spawn(command, {input.read_end.get(), output.write_end.get(), error_output.write_end.get()},
            options.environment));
  input.read_end.Reset();
  output.write_end.Reset();
  error_output.write_end.Reset();
  Conversation pipes{std::move(input.write_end), std::move(output.read_end),
                     std::move(error_output.read_end)};
  CommandResult result;
  const bool in_time = Converse(pipes, options.input, absl::Now() + options.timeout, result);
  if (!in_time) kill(process.pid, SIGKILL);
  DROVER_ASSIGN_OR_RETURN(result.exit_code, Reap(process));
  if (!in_time) {
    return absl::DeadlineExceededError(
        absl::StrCat("`", absl::StrJoin(command, " "), "` did not end within ",
                     absl::FormatDuration(options.timeout), " and was killed"));
  }
  return result;
}

absl::StatusOr<std::string> RunChecked(const std::vector<std::string>& command,
                                       const CommandOptions& options) {
  DROVER_ASSIGN_OR_RETURN(CommandResult result, RunCommand(command, options));
  if (result.exit_code == 0) return std::move(result.output);
  return absl::InternalError(absl::StrCat("`", absl::StrJoin(command, " "),
                                          "` failed with exit code ", result.exit_code, ": ",
                                          absl::StripAsciiWhitespace(result.error_output)));
}

}  // namespace drover
