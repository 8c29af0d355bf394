#include "services/common/fence/epoch_guard.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/common/failpoint/failpoint.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/status_macros.h"

namespace drover {

EpochGuard::EpochGuard(std::string path, SeenEpoch highest)
    : path_(std::move(path)), highest_(std::move(highest)) {}

absl::StatusOr<EpochGuard> EpochGuard::Open(std::string path) {
  absl::StatusOr<std::string> content = ReadFile(path);
  if (absl::IsNotFound(content.status())) return EpochGuard(std::move(path), {});
  if (!content.ok()) return content.status();
  const std::vector<std::string> words = absl::StrSplit(*content, absl::ByAnyChar(" \n"));
  int64_t epoch = 0;
  if (words.size() != 3 || !absl::SimpleAtoi(words[0], &epoch)) {
    return absl::DataLossError(absl::StrCat(path, " does not hold an epoch and a nonce"));
  }
  return EpochGuard(std::move(path), {epoch, words[1]});
}

absl::Status EpochGuard::Check(int64_t epoch, const std::string& nonce) {
  const SeenEpoch caller{epoch, nonce};
  DROVER_ASSIGN_OR_RETURN(const EpochVerdict verdict, JudgeEpoch(highest_, caller));
  if (verdict == EpochVerdict::kKnown) return absl::OkStatus();
  DROVER_RETURN_IF_ERROR(BetweenFailpoints({"fence.epoch"}, [&] {
    return WriteFileDurably(path_, absl::StrCat(epoch, " ", nonce, "\n"));
  }));
  highest_ = caller;
  return absl::OkStatus();
}

}  // namespace drover
