#include "testing/lab/process_identity.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/status_macros.h"

namespace drover::lab {
namespace {

absl::Status Ended(pid_t pid) {
  return absl::NotFoundError(absl::StrCat("process ", pid, " has ended"));
}

// What the kernel says of a number, of a zombie too.
struct ProcessEntry {
  ProcessIdentity process;
  bool has_ended = false;
};

absl::StatusOr<ProcessEntry> ReadEntry(pid_t pid) {
  absl::StatusOr<std::string> stat = ReadFile(absl::StrCat("/proc/", pid, "/stat"));
  if (pid <= 0 || !stat.ok()) return Ended(pid);
  // The program's name, in parentheses, may hold anything, so count from the last parenthesis.
  const size_t name_end = stat->rfind(')');
  if (name_end == std::string::npos) return Ended(pid);
  const std::vector<std::string> fields = absl::StrSplit(stat->substr(name_end + 2), ' ');
  constexpr size_t kState = 0, kThreads = 17, kStartTicks = 19;
  ProcessEntry entry{.process = {.pid = pid}};
  if (fields.size() <= kStartTicks ||
      !absl::SimpleAtoi(fields[kStartTicks], &entry.process.start_ticks)) {
    return Ended(pid);
  }
  // The first thread may end before others, which keep the ports and files of the process.
  const bool has_others =
      fields[kState] == "Z" && fields[kThreads] != "1" && fields[kThreads] != "0";
  entry.has_ended = (fields[kState] == "Z" || fields[kState] == "X") && !has_others;
  return entry;
}

// Whether not even a zombie of it is left. Collects it if it is a child of ours.
bool IsCollected(const ProcessIdentity& process) {
  absl::StatusOr<ProcessEntry> entry = ReadEntry(process.pid);
  if (!entry.ok() || entry->process != process) return true;
  return entry->has_ended && waitpid(process.pid, nullptr, WNOHANG) == process.pid;
}

}  // namespace

absl::StatusOr<ProcessIdentity> IdentifyProcess(pid_t pid) {
  absl::StatusOr<ProcessEntry> entry = ReadEntry(pid);
  if (!entry.ok() || entry->has_ended) return Ended(pid);
  return entry->process;
}

bool IsAlive(const ProcessIdentity& process) {
  absl::StatusOr<ProcessIdentity> now = IdentifyProcess(process.pid);
  return now.ok() && *now == process;
}

absl::StatusOr<UniqueFd> OpenProcess(const ProcessIdentity& process) {
  if (process.pid <= 0) return Ended(process.pid);
  UniqueFd fd(static_cast<int>(syscall(SYS_pidfd_open, process.pid, 0)));
  // Looked at after the descriptor was taken: from here on the number cannot change hands.
  if (!fd.valid() || !IsAlive(process)) return Ended(process.pid);
  return fd;
}

absl::Status SignalProcess(const ProcessIdentity& process, int signal) {
  DROVER_ASSIGN_OR_RETURN(UniqueFd fd, OpenProcess(process));
  if (syscall(SYS_pidfd_send_signal, fd.get(), signal, nullptr, 0) == 0) return absl::OkStatus();
  if (errno == ESRCH) return Ended(process.pid);
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot signal process ", process.pid));
}

absl::Status WaitUntilGone(const ProcessIdentity& process, absl::Duration timeout) {
  absl::StatusOr<UniqueFd> fd = OpenProcess(process);
  if (!fd.ok()) return absl::OkStatus();
  pollfd wait{.fd = fd->get(), .events = POLLIN};
  const int ready = poll(&wait, 1, static_cast<int>(absl::ToInt64Milliseconds(timeout)));
  if (ready > 0) return absl::OkStatus();
  return absl::DeadlineExceededError(absl::StrCat("process ", process.pid, " is still there after ",
                                                  absl::FormatDuration(timeout)));
}

absl::Status WaitUntilCollected(const ProcessIdentity& process, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  DROVER_RETURN_IF_ERROR(WaitUntilGone(process, timeout));
  while (!IsCollected(process)) {
    if (absl::Now() >= deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat("process ", process.pid, " has ended, but its parent has not collected it"));
    }
    absl::SleepFor(absl::Milliseconds(10));
  }
  return absl::OkStatus();
}

}  // namespace drover::lab
