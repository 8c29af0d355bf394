// Failpoints that obey a folder, the one that the environment variable DROVER_FAILPOINTS names:
//
//   FOLDER/hits        the name of every failpoint that was hit, a line each, oldest first
//   FOLDER/armed/NAME  `kill` or `stop`: what the process does to itself the next time it gets
//                      there (SIGKILL, SIGSTOP); the file is removed first
#include <fcntl.h>
#include <glog/logging.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/failpoint/failpoint.h"

namespace drover {
namespace {

const std::string& Folder() {
  static const std::string* const folder = [] {
    const char* value = getenv("DROVER_FAILPOINTS");
    return new std::string(value == nullptr ? "" : value);
  }();
  return *folder;
}

void Record(const std::string& name) {
  // One write to a file that is appended to: threads do not get between each other.
  const int fd = open(absl::StrCat(Folder(), "/hits").c_str(),
                      O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  PCHECK(fd >= 0) << Folder() << "/hits";
  const std::string line = absl::StrCat(name, "\n");
  PCHECK(write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  close(fd);
}

}  // namespace

void HitFailpoint(std::initializer_list<absl::string_view> name, absl::string_view when) {
  if (Folder().empty()) return;
  const std::string place = absl::StrCat(absl::StrJoin(name, "."), ".", when);
  Record(place);
  const std::string path = absl::StrCat(Folder(), "/armed/", place);
  std::string order;
  std::ifstream(path) >> order;
  // Of several threads that get here, the one that removes it obeys.
  if (order.empty() || unlink(path.c_str()) != 0) return;
  LOG(WARNING) << "failpoint " << place << ": " << order;
  google::FlushLogFiles(google::INFO);
  PCHECK(order == "kill" || order == "stop") << path << " says " << order;
  PCHECK(kill(getpid(), order == "kill" ? SIGKILL : SIGSTOP) == 0);
}

}  // namespace drover
