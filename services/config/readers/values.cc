#include "services/config/readers/values.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "services/config/values/duration.h"
#include "services/config/values/size.h"

namespace drover::config {
namespace {

constexpr int kMaxPort = 65535;
constexpr int64_t kMinMemoryBytes = int64_t{6} << 20;
constexpr int64_t kMaxBytes = std::numeric_limits<int64_t>::max();
constexpr int kMinCpuShares = 2;
constexpr int kMaxCpuShares = 262144;

}  // namespace

std::optional<int64_t> ReadSize(const Field& field, int64_t minimum) {
  if (field.IsPlainNumber()) return field.Integer(minimum, kMaxBytes);
  std::optional<int64_t> size = field.Parsed(&ParseSize);
  if (!size.has_value() || *size >= minimum) return size;
  field.Refuse(absl::StrCat("must be at least ", minimum, " bytes"));
  return std::nullopt;
}

std::optional<int64_t> ReadMemoryLimit(const Field& field) {
  return ReadSize(field, kMinMemoryBytes);
}

std::optional<int> ReadCpuShares(const Field& field) {
  return field.Integer(kMinCpuShares, kMaxCpuShares);
}

std::optional<absl::Duration> ReadDuration(const Field& field) {
  // `10` without a unit is the likely mistake, and quoting it would not help.
  if (!field.IsPlainNumber()) return field.Parsed(&ParseDuration);
  field.RefuseKind("a duration with a unit, such as 500ms, 10s or 1m30s");
  return std::nullopt;
}

std::optional<int> ReadPort(const std::optional<Field>& field) {
  if (!field.has_value()) return std::nullopt;
  return field->Integer(1, kMaxPort);
}

}  // namespace drover::config
