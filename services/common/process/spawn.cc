#include "services/common/process/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

extern char** environ;

namespace drover {
namespace {

std::vector<char*> PointersTo(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Programs disagree on which of two entries with one name counts, so each name is there once.
std::vector<std::string> OwnEnvironmentReplacedBy(const std::vector<std::string>& replacement) {
  std::vector<std::string> variables = replacement;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string own = *variable;
    const std::string name = own.substr(0, own.find('=') + 1);
    auto has_name = [&](const std::string& other) {
      return other.compare(0, name.size(), name) == 0;
    };
    if (std::none_of(replacement.begin(), replacement.end(), has_name)) variables.push_back(own);
  }
  return variables;
}

// In the child, between fork and exec: only calls that are safe there. Puts `from` (or /dev/null)
// at `to`.
bool Place(int from, int to) {
  if (from < 0) from = open("/dev/null", to == 0 ? O_RDONLY : O_WRONLY);
  if (from < 0) return false;
  if (from == to) return fcntl(to, F_SETFD, 0) == 0;
  return dup2(from, to) == to;
}

// In the child. Returns only if something failed, with errno set.
void BecomeProgram(const ChildDescriptors& descriptors, pid_t parent, char* const* argv,
                   char* const* envp) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return;
  if (getppid() != parent) _exit(127);  // The parent died before the line above.
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  // Sources are all above 2 (MakePipe and close-on-exec opens see to that), so none is overwritten
  // before it is used.
  if (!Place(descriptors.input, 0) || !Place(descriptors.output, 1) ||
      !Place(descriptors.error_output, 2)) {
    return;
  }
  execvpe(argv[0], argv, envp);
}

}  // namespace

absl::StatusOr<Pipe> MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "cannot make a pipe");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

absl::StatusOr<SpawnedProcess> Spawn(const std::vector<std::string>& command,
                                     ChildDescriptors descriptors,
                                     const std::vector<std::string>& environment) {
  std::vector<std::string> arguments = command;
  std::vector<std::string> variables = OwnEnvironmentReplacedBy(environment);
  const std::vector<char*> argv = PointersTo(arguments);
  const std::vector<char*> envp = PointersTo(variables);

  // The child reports a failed exec through a pipe that a successful one closes.
  absl::StatusOr<Pipe> report = MakePipe();
  if (!report.ok()) return report.status();
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return absl::ErrnoToStatus(errno, "cannot fork");
  if (pid == 0) {
    BecomeProgram(descriptors, parent, argv.data(), envp.data());
    const int error = errno;
    [[maybe_unused]] ssize_t ignored = write(report->write_end.get(), &error, sizeof(error));
    _exit(127);
  }
  report->write_end.Reset();
  int error = 0;
  ssize_t count;
  do {
    count = read(report->read_end.get(), &error, sizeof(error));
  } while (count < 0 && errno == EINTR);
  if (count == sizeof(error)) {
    waitpid(pid, nullptr, 0);
    return absl::ErrnoToStatus(error, absl::StrCat("cannot run ", command[0]));
  }
  SpawnedProcess process;
  process.pid = pid;
  process.pidfd = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!process.pidfd.valid()) {
    const int pidfd_error = errno;
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return absl::ErrnoToStatus(pidfd_error, "pidfd_open");
  }
  return process;
}

absl::StatusOr<int> Reap(const SpawnedProcess& process) {
  int status = 0;
  pid_t reaped;
  do {
    reaped = waitpid(process.pid, &status, 0);
  } while (reaped < 0 && errno == EINTR);
  if (reaped < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot wait for ", process.pid));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace drover
