#include "cli/render/units.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace drover::cli {

std::string BytesText(int64_t bytes) {
  constexpr const char* kUnits[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return absl::StrCat(bytes, " B");
  double value = static_cast<double>(bytes) / 1024;
  const char* const* unit = kUnits;
  // What would be rounded to 1024 belongs to the next unit.
  while (value >= 1023.5) {
    value /= 1024;
    ++unit;
  }
  return absl::StrFormat(value < 9.95 ? "%.1f %s" : "%.0f %s", value, *unit);
}

std::string DurationText(absl::Duration duration) {
  const int64_t milliseconds = absl::ToInt64Milliseconds(duration + absl::Microseconds(500));
  if (milliseconds < 1000) return absl::StrCat(milliseconds, " ms");
  if (milliseconds < 9950)
    return absl::StrFormat("%.1f s", static_cast<double>(milliseconds) / 1e3);
  const int64_t seconds = (milliseconds + 500) / 1000;
  if (seconds < 60) return absl::StrCat(seconds, " s");
  if (seconds < 3600) return absl::StrCat(seconds / 60, " min ", seconds % 60, " s");
  return absl::StrCat(seconds / 3600, " h ", seconds % 3600 / 60, " min");
}

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", time, absl::LocalTimeZone());
}

}  // namespace drover::cli
