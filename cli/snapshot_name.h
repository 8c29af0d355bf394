// `VOLUME@NAME`.
#ifndef DROVER_CLI_SNAPSHOT_NAME_H_
#define DROVER_CLI_SNAPSHOT_NAME_H_

#include <string>

namespace drover::cli {

struct SnapshotName {
  std::string volume;
  std::string snapshot;  // Empty where none is named.
};

// Whether a part is missing, as where a variable of a script was empty: then it would name more
// than was meant.
inline bool HasEmptyPart(const std::string& text) {
  return text.empty() || text.front() == ':' || text.front() == '@' || text.back() == ':' ||
         text.back() == '@' || text.find(":@") != std::string::npos;
}

inline SnapshotName SplitSnapshotName(const std::string& text) {
  const size_t at = text.find('@');
  if (at == std::string::npos) return {text, ""};
  return {text.substr(0, at), text.substr(at + 1)};
}

}  // namespace drover::cli

#endif  // DROVER_CLI_SNAPSHOT_NAME_H_
