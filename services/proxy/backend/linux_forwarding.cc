#include "services/proxy/backend/linux_forwarding.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/common/process/process.h"
#include "services/common/status/status_macros.h"
#include "services/proxy/backend/connection_mark.h"

namespace drover::proxy {
namespace {

constexpr char kChain[] = "DOCKER-USER";

absl::Status WriteSetting(const std::string& path, const std::string& value) {
  // O_TRUNC or a temporary file, as for other files, mean nothing in /proc.
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  const bool written =
      fd >= 0 && write(fd, value.data(), value.size()) == static_cast<ssize_t>(value.size());
  const int error = errno;
  if (fd >= 0) close(fd);
  if (written) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(path, " cannot be set: ", strerror(error)));
}

// `iptables -w ACTION CHAIN REST…`; the wait is for another iptables that holds the lock.
absl::StatusOr<CommandResult> Iptables(const std::string& action, std::vector<std::string> rest) {
  std::vector<std::string> command = {"iptables", "-w", "5", action, kChain};
  command.insert(command.end(), rest.begin(), rest.end());
  return RunCommand(command);
}

std::vector<std::string> AcceptOurMark() {
  return {"-m", "connmark", "--mark", absl::StrFormat("0x%x/0x%x", kMark, kMarkMask),
          "-j", "ACCEPT"};
}

absl::StatusOr<bool> HasDockerChain() {
  absl::StatusOr<CommandResult> listed = Iptables("-S", {});
  // Docker itself needs iptables: without it there is no chain.
  if (absl::IsNotFound(listed.status())) return false;
  if (!listed.ok()) return listed.status();
  return listed->exit_code == 0;
}

}  // namespace

absl::StatusOr<bool> LinuxForwarding::Enable() {
  DROVER_RETURN_IF_ERROR(WriteSetting("/proc/sys/net/ipv4/ip_forward", "1"));
  DROVER_RETURN_IF_ERROR(WriteSetting("/proc/sys/net/ipv4/conf/all/route_localnet", "1"));
  DROVER_ASSIGN_OR_RETURN(bool has_chain, HasDockerChain());
  if (!has_chain) return false;
  DROVER_ASSIGN_OR_RETURN(CommandResult present, Iptables("-C", AcceptOurMark()));
  if (present.exit_code == 0) return true;
  DROVER_ASSIGN_OR_RETURN(CommandResult added, Iptables("-I", AcceptOurMark()));
  if (added.exit_code == 0) return true;
  return absl::UnavailableError(
      absl::StrCat("no rule can be added to ", kChain, ": ", added.error_output));
}

absl::Status LinuxForwarding::Disable() {
  DROVER_ASSIGN_OR_RETURN(bool has_chain, HasDockerChain());
  if (!has_chain) return absl::OkStatus();
  // -D fails when there is none (any more).
  DROVER_ASSIGN_OR_RETURN(CommandResult present, Iptables("-C", AcceptOurMark()));
  if (present.exit_code != 0) return absl::OkStatus();
  DROVER_ASSIGN_OR_RETURN(CommandResult removed, Iptables("-D", AcceptOurMark()));
  if (removed.exit_code == 0) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("the rule in ", kChain, " cannot be removed: ", removed.error_output));
}

}  // namespace drover::proxy
