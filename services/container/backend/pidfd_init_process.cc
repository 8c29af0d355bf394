#include "services/container/backend/pidfd_init_process.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/common/file/durable_file.h"
#include "services/common/file/unique_fd.h"
#include "services/common/status/status_macros.h"

namespace drover::container {
namespace {

namespace asio = boost::asio;
using asio::posix::stream_descriptor;
using boost::system::error_code;

class PidfdInitProcess : public InitProcess {
 public:
  PidfdInitProcess(asio::any_io_executor executor, UniqueFd pidfd)
      : pidfd_(executor, pidfd.Release()) {}

  absl::Status Signal(int signal) override {
    const int fd = pidfd_.native_handle();
    if (syscall(SYS_pidfd_send_signal, fd, signal, nullptr, 0) == 0) return absl::OkStatus();
    if (errno == ESRCH) return absl::OkStatus();
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot send signal ", signal));
  }

  Task<absl::Status> AwaitEnd(absl::Duration timeout) override {
    asio::steady_timer timer(pidfd_.get_executor());
    if (timeout != absl::InfiniteDuration()) {
      timer.expires_after(absl::ToChronoNanoseconds(timeout));
      timer.async_wait([this](error_code cancelled) {
        error_code ignored;
        if (!cancelled) pidfd_.cancel(ignored);
      });
    }
    error_code error;
    co_await pidfd_.async_wait(stream_descriptor::wait_read,
                               asio::redirect_error(asio::use_awaitable, error));
    if (!error) co_return absl::OkStatus();
    if (error == asio::error::operation_aborted) {
      co_return absl::DeadlineExceededError("the container's process still runs");
    }
    co_return absl::InternalError(absl::StrCat("cannot wait for a process: ", error.message()));
  }

 private:
  stream_descriptor pidfd_;  // Readable when the process has ended.
};

// Whether it is the first one of its pid namespace, in a control group that names the container.
absl::StatusOr<bool> IsFirstOf(int pid, const ContainerId& id) {
  absl::StatusOr<std::string> cgroup = ReadFile(absl::StrCat("/proc/", pid, "/cgroup"));
  absl::StatusOr<std::string> status = ReadFile(absl::StrCat("/proc/", pid, "/status"));
  if (absl::IsNotFound(cgroup.status()) || absl::IsNotFound(status.status())) return false;
  if (!cgroup.ok()) return cgroup.status();
  if (!status.ok()) return status.status();
  if (!absl::StrContains(*cgroup, id.value())) return false;
  for (absl::string_view line : absl::StrSplit(*status, '\n')) {
    if (absl::StartsWith(line, "NSpid:")) return absl::EndsWith(line, "\t1");
  }
  return false;
}

// The number of the first process of container `id`, 0 if there is none.
absl::StatusOr<int> SearchPid(const ContainerId& id) {
  std::error_code error;
  std::filesystem::directory_iterator entry("/proc", error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    int pid = 0;
    if (!absl::SimpleAtoi(entry->path().filename().native(), &pid)) continue;
    DROVER_ASSIGN_OR_RETURN(const bool is_it, IsFirstOf(pid, id));
    if (is_it) return pid;
  }
  if (error) return absl::InternalError(absl::StrCat("cannot list /proc: ", error.message()));
  return 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<InitProcess>> PidfdInitProcesses::Find(int pid,
                                                                      const ContainerId& id) {
  if (pid <= 0) return nullptr;
  UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd.valid() && errno == ESRCH) return nullptr;
  if (!pidfd.valid()) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open process ", pid));
  // Looked at while it is held: what is true of that number now is true of this process.
  DROVER_ASSIGN_OR_RETURN(const bool is_it, IsFirstOf(pid, id));
  if (!is_it) return nullptr;
  return std::make_unique<PidfdInitProcess>(executor_, std::move(pidfd));
}

Task<absl::StatusOr<std::unique_ptr<InitProcess>>> PidfdInitProcesses::Search(ContainerId id) {
  auto search = [id] { return SearchPid(id); };
  DROVER_CO_ASSIGN_OR_RETURN(const int pid, co_await RunBlocking(pool_, std::move(search)));
  co_return Find(pid, id);
}

}  // namespace drover::container
