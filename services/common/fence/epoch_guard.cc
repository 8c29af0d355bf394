#include "services/common/fence/epoch_guard.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/common/failpoint/failpoint.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"

namespace drover {

EpochGuard::EpochGuard(std::string path, int64_t epoch, std::string nonce)
    : path_(std::move(path)), epoch_(epoch), nonce_(std::move(nonce)) {}

absl::StatusOr<EpochGuard> EpochGuard::Open(std::string path) {
  absl::StatusOr<std::string> content = ReadFile(path);
  if (absl::IsNotFound(content.status())) return EpochGuard(std::move(path), 0, "");
  if (!content.ok()) return content.status();
  const std::vector<std::string> words = absl::StrSplit(*content, absl::ByAnyChar(" \n"));
  int64_t epoch = 0;
  if (words.size() != 3 || !absl::SimpleAtoi(words[0], &epoch)) {
    return absl::DataLossError(absl::StrCat(path, " does not hold an epoch and a nonce"));
  }
  return EpochGuard(std::move(path), epoch, words[1]);
}

absl::Status EpochGuard::Check(int64_t epoch, const std::string& nonce) {
  if (epoch <= 0 || nonce.empty()) {
    return absl::InvalidArgumentError("fence: epoch and nonce are required");
  }
  if (epoch == epoch_ && nonce == nonce_) return absl::OkStatus();
  if (epoch <= epoch_) {
    return StatusWithReason(
        absl::StatusCode::kFailedPrecondition, "STALE_EPOCH",
        absl::StrCat("a newer coordinator (epoch ", epoch_, ") has taken over from epoch ", epoch));
  }
  DROVER_RETURN_IF_ERROR(BetweenFailpoints({"fence.epoch"}, [&] {
    return WriteFileDurably(path_, absl::StrCat(epoch, " ", nonce, "\n"));
  }));
  epoch_ = epoch;
  nonce_ = nonce;
  return absl::OkStatus();
}

}  // namespace drover
