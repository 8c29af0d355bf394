// What is wrong with a configuration file, and where.
#ifndef DROVER_SERVICES_CONFIG_YAML_PROBLEM_H_
#define DROVER_SERVICES_CONFIG_YAML_PROBLEM_H_

#include <string>
#include <vector>

namespace drover::config {

// A place in a file; line and column count from 1. Both are 0 where there is no line to look at,
// because the file cannot be read.
struct Location {
  std::string file;
  int line = 1;
  int column = 1;

  std::string ToString() const;  // file:line:column, or the file alone
};

struct Problem {
  Location location;
  // Path of the field, such as `applications.redis.ports[0].internal`; empty for the whole file.
  std::string field;
  // What is wrong, and what is allowed.
  std::string message;

  // file:line:column: field: message, as one line of printable text.
  std::string ToString() const;
};

// Collects problems, so that all of them can be shown at once.
class Problems {
 public:
  void Add(Location location, std::string field, std::string message);

  bool empty() const { return problems_.empty(); }
  // In the order of the files as they were first met, then by line and column.
  std::vector<Problem> Sorted() const;
  // One line for each.
  std::string ToString() const;

 private:
  std::vector<Problem> problems_;
};

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_YAML_PROBLEM_H_
