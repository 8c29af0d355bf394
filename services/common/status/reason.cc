#include "services/common/status/reason.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace drover {
namespace {

constexpr char kReasonPayload[] = "drover/reason";

}  // namespace

absl::Status StatusWithReason(absl::StatusCode code, absl::string_view reason,
                              absl::string_view message) {
  absl::Status status(code, message);
  status.SetPayload(kReasonPayload, absl::Cord(reason));
  return status;
}

std::string ReasonOf(const absl::Status& status) {
  auto payload = status.GetPayload(kReasonPayload);
  return payload.has_value() ? std::string(*payload) : std::string();
}

absl::Status Annotate(const absl::Status& status, absl::string_view context) {
  if (status.ok()) return status;
  absl::Status annotated(status.code(), absl::StrCat(context, ": ", status.message()));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    annotated.SetPayload(url, payload);
  });
  return annotated;
}

}  // namespace drover
