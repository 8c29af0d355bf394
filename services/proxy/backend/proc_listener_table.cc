#include "services/proxy/backend/proc_listener_table.h"

#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/status_macros.h"

namespace drover::proxy {
namespace {

namespace fs = std::filesystem;

constexpr char kUnseen[] = "a program that cannot be seen";

// A listening socket: the link in /proc/PID/fd of whoever has it open, and its port.
struct ListeningSocket {
  std::string link;
  int port = 0;
};

// Reads lines of /proc/net/tcp or tcp6: "0: 0100007F:18EB 00000000:0000 0A … inode …".
std::vector<ListeningSocket> ParseListening(const std::string& table) {
  constexpr size_t kLocalAddress = 1, kState = 3, kInode = 9;
  std::vector<ListeningSocket> sockets;
  const std::vector<std::string> lines = absl::StrSplit(table, '\n');
  for (const std::string& line : lines) {
    const std::vector<std::string> fields = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (fields.size() <= kInode || fields[kState] != "0A") continue;
    const std::string& local = fields[kLocalAddress];
    int port = 0;
    if (!absl::SimpleHexAtoi(local.substr(local.rfind(':') + 1), &port)) continue;
    sockets.push_back({absl::StrCat("socket:[", fields[kInode], "]"), port});
  }
  return sockets;
}

absl::StatusOr<std::vector<ListeningSocket>> ListeningSockets() {
  // The thread's own folder: another thread may be in another namespace.
  DROVER_ASSIGN_OR_RETURN(std::string tcp, ReadFile("/proc/thread-self/net/tcp"));
  std::vector<ListeningSocket> sockets = ParseListening(tcp);
  absl::StatusOr<std::string> tcp6 = ReadFile("/proc/thread-self/net/tcp6");
  if (absl::IsNotFound(tcp6.status())) return sockets;  // A kernel without IPv6.
  DROVER_RETURN_IF_ERROR(tcp6.status());
  for (ListeningSocket& socket : ParseListening(*tcp6)) sockets.push_back(std::move(socket));
  return sockets;
}

bool HasOpen(const fs::path& process, const std::string& link) {
  std::error_code error;
  for (fs::directory_iterator fd(process / "fd", error), end; !error && fd != end;
       fd.increment(error)) {
    std::error_code gone;
    if (fs::read_symlink(fd->path(), gone) == link) return true;
  }
  return false;
}

// Processes come and go while we look: what is gone is passed over.
std::string OwnerOf(const std::string& link) {
  std::error_code error;
  for (fs::directory_iterator process("/proc", error), end; !error && process != end;
       process.increment(error)) {
    const std::string pid = process->path().filename();
    int number = 0;
    if (!absl::SimpleAtoi(pid, &number) || !HasOpen(process->path(), link)) continue;
    const std::string name = ReadFile(process->path() / "comm").value_or("?");
    return absl::StrCat(absl::StripSuffix(name, "\n"), " (pid ", pid, ")");
  }
  return kUnseen;
}

}  // namespace

absl::StatusOr<std::map<int, std::string>> ProcListenerTable::Find(const std::set<int>& ports) {
  DROVER_ASSIGN_OR_RETURN(std::vector<ListeningSocket> sockets, ListeningSockets());
  std::map<int, std::string> found;
  for (const ListeningSocket& socket : sockets) {
    if (ports.contains(socket.port) && !found.contains(socket.port)) {
      found[socket.port] = OwnerOf(socket.link);
    }
  }
  return found;
}

}  // namespace drover::proxy
