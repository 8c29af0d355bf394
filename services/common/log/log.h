// Every log line says which node it is from, and which migration and phase it is about. Include in
// .cc files only.
#ifndef DROVER_SERVICES_COMMON_LOG_LOG_H_
#define DROVER_SERVICES_COMMON_LOG_LOG_H_

#include <glog/logging.h>

#include <ostream>
#include <string>

namespace drover {

// Starts logging: to stderr, or to files in `folder` if it is not empty. Lines look like
//   I 2026-01-31T12:00:00.123456 node1 seal.cc:42] migration=4f2a app=redis phase=seal: sealed in
//   31 ms
// Call once, before other threads log.
void StartLogging(const std::string& program, const std::string& node, const std::string& folder);

// Begins a line about one step of a migration: LOG(INFO) << About{id, application, "seal"} <<
// "sealed";
struct About {
  std::string migration;  // Empty: not part of a migration.
  std::string application;
  std::string phase;
};
std::ostream& operator<<(std::ostream& out, const About& about);

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_LOG_LOG_H_
