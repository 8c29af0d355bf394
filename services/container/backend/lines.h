// Lines out of a stream that comes in pieces.
#ifndef DROVER_SERVICES_CONTAINER_BACKEND_LINES_H_
#define DROVER_SERVICES_CONTAINER_BACKEND_LINES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace drover::container {

// The lines that are complete; empty ones are left out.
class Lines {
 public:
  std::vector<std::string> Feed(absl::string_view piece) {
    std::vector<std::string> lines;
    rest_.append(piece.data(), piece.size());
    size_t begin = 0;
    for (size_t end; (end = rest_.find('\n', begin)) != std::string::npos; begin = end + 1) {
      std::string line = rest_.substr(begin, end - begin);
      if (line.ends_with('\r')) line.pop_back();
      if (!line.empty()) lines.push_back(std::move(line));
    }
    rest_.erase(0, begin);
    return lines;
  }

 private:
  std::string rest_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_BACKEND_LINES_H_
