#include "testing/lab/machine_entry.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <thread>

#include "absl/strings/str_cat.h"
#include "services/common/process/process.h"
#include "services/common/process/spawn.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "testing/lab/exec_arguments.h"

namespace drover::lab {
namespace {

constexpr int kNamespaces = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWPID;
constexpr int kNotFound = 127, kNotRunnable = 126;

// Replaces this process by the program. Returns only on failure, with the shell's exit status.
int Exec(ExecArguments& exec, const char* folder) {
  if (chdir(folder) != 0 && chdir("/") != 0) return kNotRunnable;
  environ = exec.envp();  // execvp looks the program up in the PATH of `environ`.
  execvp(exec.program(), exec.argv());
  return errno == ENOENT ? kNotFound : kNotRunnable;
}

void ResetSignals() {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int signal : {SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGCHLD}) ::signal(signal, SIG_DFL);
}

int ShellStatus(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

pid_t foreground_child = 0;

void PassOn(int signal) {
  if (foreground_child > 0) kill(foreground_child, signal);
}

// Waits for `child` as a shell does: it alone decides what Ctrl-C means, and SIGTERM is its.
int WaitInForeground(pid_t child) {
  foreground_child = child;
  signal(SIGINT, SIG_IGN);
  signal(SIGQUIT, SIG_IGN);
  struct sigaction pass_on = {};
  pass_on.sa_handler = PassOn;
  sigaction(SIGTERM, &pass_on, nullptr);
  int wait_status = 0;
  while (waitpid(child, &wait_status, 0) < 0 && errno == EINTR) {
  }
  return ShellStatus(wait_status);
}

// The process that enters the machine: only its children are in the PID namespace, so it makes one
// and stands in for it.
[[noreturn]] void EnterAndStandIn(int machine, ExecArguments& exec, const char* folder) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (setns(machine, kNamespaces) != 0) _exit(kNotRunnable);
  const pid_t child = fork();
  if (child < 0) _exit(kNotRunnable);
  if (child > 0) _exit(WaitInForeground(child));
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  ResetSignals();
  const int exit_status = Exec(exec, folder);
  dprintf(STDERR_FILENO, "drover-lab: cannot run %s: %s\n", exec.program(), strerror(errno));
  _exit(exit_status);
}

// Over this pair of sockets a new daemon tells us who it is (the kernel translates its number into
// ours) and, if it could not be exec'ed, why: the descriptor closes itself at exec.
struct Channel {
  UniqueFd ours, theirs;
};

absl::StatusOr<Channel> MakeChannel() {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) {
    return absl::ErrnoToStatus(errno, "cannot make a pair of sockets");
  }
  Channel channel{UniqueFd(fds[0]), UniqueFd(fds[1])};
  const int on = 1;
  setsockopt(channel.ours.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
  return channel;
}

struct Message {
  // 0 if the other end has been closed.
  ssize_t length = 0;
  pid_t sender = 0;
  int value = 0;
};

Message Receive(int fd) {
  Message message;
  iovec data{&message.value, sizeof(message.value)};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred))];
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof(control);
  message.length = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_CREDENTIALS) continue;
    ucred credentials;
    memcpy(&credentials, CMSG_DATA(c), sizeof(credentials));
    message.sender = credentials.pid;
  }
  return message;
}

void Send(int fd, int value) {
  if (send(fd, &value, sizeof(value), MSG_NOSIGNAL) < 0) _exit(kNotRunnable);
}

struct DaemonFds {
  int machine, channel, log;
};

[[noreturn]] void BecomeDaemon(const DaemonFds& fds, ExecArguments& exec, const char* folder) {
  setsid();
  ResetSignals();
  Send(fds.channel, 0);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (dup2(null, 0) < 0 || dup2(fds.log, 1) < 0 || dup2(fds.log, 2) < 0) _exit(kNotRunnable);
  Exec(exec, folder);
  Send(fds.channel, errno);
  _exit(kNotRunnable);
}

// An orphan is given to process 1 of the namespace in which its *father* was. So the daemon's
// father has to be in the machine already: it is the second of three generations.
[[noreturn]] void EnterAndOrphan(const DaemonFds& fds, ExecArguments& exec, const char* folder) {
  if (setns(fds.machine, kNamespaces) != 0) _exit(1);
  const pid_t father = fork();
  if (father < 0) _exit(1);
  if (father > 0) {
    waitpid(father, nullptr, 0);
    _exit(0);
  }
  const pid_t daemon = fork();
  if (daemon == 0) BecomeDaemon(fds, exec, folder);
  _exit(0);
}

bool Accepts(const sockaddr_in& address) {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

}  // namespace

absl::StatusOr<int> RunInMachine(const ProcessIdentity& init, const MachineProgram& program) {
  absl::StatusOr<UniqueFd> machine = OpenProcess(init);
  if (!machine.ok()) return absl::FailedPreconditionError("the machine is down");
  ExecArguments exec(program.argv, program.environment);
  const pid_t child = fork();
  if (child < 0) return absl::ErrnoToStatus(errno, "cannot fork");
  if (child == 0) EnterAndStandIn(machine->get(), exec, program.folder.c_str());
  return WaitInForeground(child);
}

absl::StatusOr<ProcessIdentity> SpawnInMachine(const ProcessIdentity& init,
                                               const MachineProgram& program,
                                               const std::string& log) {
  absl::StatusOr<UniqueFd> machine = OpenProcess(init);
  if (!machine.ok()) return absl::FailedPreconditionError("the machine is down");
  UniqueFd log_fd(open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!log_fd.valid()) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", log));
  DROVER_ASSIGN_OR_RETURN(Channel channel, MakeChannel());
  ExecArguments exec(program.argv, program.environment);

  const DaemonFds fds{machine->get(), channel.theirs.get(), log_fd.get()};
  const pid_t child = fork();
  if (child < 0) return absl::ErrnoToStatus(errno, "cannot fork");
  if (child == 0) EnterAndOrphan(fds, exec, program.folder.c_str());
  channel.theirs.Reset();
  waitpid(child, nullptr, 0);
  const Message hello = Receive(channel.ours.get());
  if (hello.length <= 0) return absl::InternalError("cannot enter the machine");
  absl::StatusOr<ProcessIdentity> daemon = IdentifyProcess(hello.sender);
  if (const Message failure = Receive(channel.ours.get()); failure.length > 0) {
    return absl::ErrnoToStatus(failure.value, absl::StrCat("cannot run ", program.argv[0]));
  }
  if (!daemon.ok()) return absl::InternalError(absl::StrCat("it died at once; see ", log));
  return daemon;
}

std::vector<std::string> EnterMachine(const ProcessIdentity& init,
                                      const std::vector<std::string>& command) {
  std::vector<std::string> words = {
      "nsenter", absl::StrCat("--target=", init.pid), "--mount", "--uts", "--ipc", "--net", "--pid",
      "--"};
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

absl::StatusOr<std::string> RunToolInMachine(const ProcessIdentity& init,
                                             const std::vector<std::string>& command) {
  return RunChecked(EnterMachine(init, command),
                    {.environment = {absl::StrCat("PATH=", kSystemPath)}});
}

absl::Status TryTcpInMachine(const ProcessIdentity& init, const std::string& address, int port) {
  sockaddr_in target{};
  target.sin_family = AF_INET;
  target.sin_port = htons(port);
  if (inet_pton(AF_INET, address.c_str(), &target.sin_addr) != 1) {
    return absl::InvalidArgumentError(absl::StrCat(address, " is no IPv4 address"));
  }
  DROVER_ASSIGN_OR_RETURN(UniqueFd machine, OpenProcess(init));
  absl::Status status;
  // A thread of its own, because setns(2) changes the network of the calling thread for good.
  std::thread prober([&] {
    if (setns(machine.get(), CLONE_NEWNET) != 0) {
      status = absl::ErrnoToStatus(errno, "cannot enter the machine's network");
    } else if (!Accepts(target)) {
      status = absl::UnavailableError(absl::StrCat("nothing listens at ", address, ":", port));
    }
  });
  prober.join();
  return status;
}

}  // namespace drover::lab
