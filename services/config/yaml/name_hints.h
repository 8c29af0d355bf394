// What to say of names that are not there.
#ifndef DROVER_SERVICES_CONFIG_YAML_NAME_HINTS_H_
#define DROVER_SERVICES_CONFIG_YAML_NAME_HINTS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace drover::config {

// Hints for one file. A file with many unknown names has not been mistyped, it belongs to another
// one: only the first of them get a hint, each of which looks at all names.
class NameHints {
 public:
  // `names`: those that are there, in the order in which they are listed.
  explicit NameHints(std::vector<absl::string_view> names);

  // To be said behind "no … NAME": which name was meant, or which there are. Empty from the 21st
  // unknown name on.
  std::string For(absl::string_view unknown);

 private:
  // The first of them, and how many more there are.
  std::string Listed() const;

  const std::vector<absl::string_view> names_;
  int hints_given_ = 0;
};

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_YAML_NAME_HINTS_H_
