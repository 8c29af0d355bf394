#include "services/common/log/log.h"

namespace drover {
namespace {

// Set once, before other threads start; never freed, since lines are logged until the very end.
const std::string* process_node = nullptr;

}  // namespace

void StartLogging(const std::string& program, const std::string& node, const std::string& folder) {
  process_node = new std::string(node);
  FLAGS_logtostderr = folder.empty();
  FLAGS_log_dir = folder;
  FLAGS_logbufsecs = 0;
  static const std::string* const name = new std::string(program);
  google::InitGoogleLogging(name->c_str());
}

std::ostream& operator<<(std::ostream& out, const About& about) {
  if (process_node != nullptr) out << "node=" << *process_node << ' ';
  if (!about.migration.empty()) out << "migration=" << about.migration << ' ';
  return out << "app=" << about.application << " phase=" << about.phase << ": ";
}

}  // namespace drover
