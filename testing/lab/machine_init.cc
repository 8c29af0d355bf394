#include "testing/lab/machine_init.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/file/durable_file.h"
#include "services/common/process/spawn.h"
#include "services/common/status/status_macros.h"
#include "testing/lab/exec_arguments.h"

namespace drover::lab {
namespace {

// Over this descriptor process 1 reports to its starter: "ok", or why not.
constexpr int kReportFd = 3;
constexpr char kReady[] = "ok";

absl::Status SetUp(const MachineInitOptions& options) {
  DROVER_RETURN_IF_ERROR(EnterMachineRoot(options.root));
  if (sethostname(options.hostname.data(), options.hostname.size()) != 0) {
    return absl::ErrnoToStatus(errno, "cannot set the host name");
  }
  // As on a fresh host; a new network namespace inherits the value of the host.
  UniqueFd forward(open("/proc/sys/net/ipv4/ip_forward", O_WRONLY | O_CLOEXEC));
  if (write(forward.get(), "0", 1) != 1) return absl::ErrnoToStatus(errno, "cannot set ip_forward");
  return absl::OkStatus();
}

void Report(const std::string& text) {
  if (write(kReportFd, text.data(), text.size()) < 0) _exit(1);
  close(kReportFd);
}

// What the new process does until it is drover-lab's hidden subcommand: system calls only, since it
// is the copy of a process that may have had threads.
[[noreturn]] void BecomeInit(ExecArguments& exec, int go, int report, int log) {
  char byte;
  if (read(go, &byte, 1) != 1) _exit(1);  // The starter died before it had recorded us.
  setsid();
  const int null = open("/dev/null", O_RDONLY);
  // Lifted first, so that none of them lies where another one goes.
  const int high_report = fcntl(report, F_DUPFD, 10), high_log = fcntl(log, F_DUPFD, 10);
  if (dup2(null, 0) < 0 || dup2(high_log, 1) < 0 || dup2(high_log, 2) < 0 ||
      dup2(high_report, kReportFd) < 0) {
    _exit(1);
  }
  close_range(kReportFd + 1, ~0u, 0);
  execve(exec.program(), exec.argv(), exec.envp());
  _exit(127);
}

std::vector<std::string> InitArguments(const InitStart& start) {
  std::vector<std::string> argv = {start.program, kInitSubcommand, kInitHostnameFlag,
                                   start.options.hostname};
  for (const auto& [source, target] : start.options.root.binds) {
    argv.push_back(kInitBindFlag);
    argv.push_back(absl::StrCat(source, ":", target));
  }
  return argv;
}

absl::Status AwaitReport(int fd, const std::string& log) {
  std::string report;
  char buffer[512];
  ssize_t n;
  while ((n = read(fd, buffer, sizeof(buffer))) > 0 || (n < 0 && errno == EINTR)) {
    if (n > 0) report.append(buffer, n);
  }
  if (report == kReady) return absl::OkStatus();
  if (report.empty()) report = absl::StrCat("its first process died; see ", log);
  return absl::InternalError(report);
}

}  // namespace

int RunMachineInit(const MachineInitOptions& options) {
  sigset_t child_ended;
  sigemptyset(&child_ended);
  sigaddset(&child_ended, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child_ended, nullptr);
  if (absl::Status status = SetUp(options); !status.ok()) {
    Report(std::string(status.message()));
    return 1;
  }
  Report(kReady);
  while (true) {
    siginfo_t info;
    sigwaitinfo(&child_ended, &info);
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }
}

absl::StatusOr<ProcessIdentity> StartMachineInit(
    const InitStart& start, const std::function<absl::Status(const ProcessIdentity&)>& record) {
  DROVER_ASSIGN_OR_RETURN(Pipe go, MakePipe());
  DROVER_ASSIGN_OR_RETURN(Pipe report, MakePipe());
  UniqueFd log(open(start.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!log.valid()) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", start.log));
  ExecArguments exec(InitArguments(start), start.environment);

  constexpr unsigned long kNamespaces =
      CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWPID;
  const pid_t pid = syscall(SYS_clone, kNamespaces | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
  if (pid < 0) return absl::ErrnoToStatus(errno, "cannot make the namespaces of a machine");
  if (pid == 0) {
    close(go.write_end.get());
    BecomeInit(exec, go.read_end.get(), report.write_end.get(), log.get());
  }
  report.write_end.Reset();
  DROVER_ASSIGN_OR_RETURN(ProcessIdentity process, IdentifyProcess(pid));
  DROVER_RETURN_IF_ERROR(record(process));
  if (write(go.write_end.get(), "g", 1) != 1)
    return absl::ErrnoToStatus(errno, "cannot start init");
  DROVER_RETURN_IF_ERROR(AwaitReport(report.read_end.get(), start.log));
  return process;
}

}  // namespace drover::lab
