// `VOLUME@NAME`.
#ifndef DROVER_CLI_SNAPSHOT_NAME_H_
#define DROVER_CLI_SNAPSHOT_NAME_H_

#include <string>

namespace drover::cli {

struct SnapshotName {
  std::string volume;
  std::string snapshot;  // Empty where none is named.
};

inline SnapshotName SplitSnapshotName(const std::string& text) {
  const size_t at = text.find('@');
  if (at == std::string::npos) return {text, ""};
  return {text.substr(0, at), text.substr(at + 1)};
}

}  // namespace drover::cli

#endif  // DROVER_CLI_SNAPSHOT_NAME_H_
