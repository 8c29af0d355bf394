#include "services/common/log/log.h"

#include <iomanip>

namespace drover {
namespace {

// Lives as long as the process: glog calls back at any time.
std::string* node_name = nullptr;

void WritePrefix(std::ostream& out, const google::LogMessageInfo& line, void*) {
  const auto two = [&out](int value) -> std::ostream& { return out << std::setw(2) << value; };
  out << std::setfill('0') << line.severity[0] << ' ' << 1900 + line.time.year() << '-';
  two(1 + line.time.month()) << '-';
  two(line.time.day()) << 'T';
  two(line.time.hour()) << ':';
  two(line.time.min()) << ':';
  two(line.time.sec()) << '.' << std::setw(6) << line.time.usec() << ' ' << *node_name << ' '
                       << line.filename << ':' << line.line_number << ']';
}

}  // namespace

void StartLogging(const std::string& program, const std::string& node, const std::string& folder) {
  node_name = new std::string(node);
  FLAGS_logtostderr = folder.empty();
  FLAGS_log_dir = folder;
  FLAGS_logbufsecs = 0;
  static const std::string* const name = new std::string(program);
  google::InitGoogleLogging(name->c_str(), &WritePrefix);
}

std::ostream& operator<<(std::ostream& out, const About& about) {
  if (!about.migration.empty()) out << "migration=" << about.migration << ' ';
  return out << "app=" << about.application << " phase=" << about.phase << ": ";
}

}  // namespace drover
