#include "services/container/domain/signal_name.h"

#include <signal.h>
#include <string.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace drover::container {
namespace {

// 0 if there is none. The offset of "RTMIN+3" and "RTMAX-2" may be absent.
int RealTimeSignal(absl::string_view name) {
  int base = 0;
  if (absl::ConsumePrefix(&name, "RTMIN")) {
    base = SIGRTMIN;
  } else if (absl::ConsumePrefix(&name, "RTMAX")) {
    base = SIGRTMAX;
  } else {
    return 0;
  }
  int offset = 0;
  if (!name.empty() && !absl::SimpleAtoi(name, &offset)) return 0;
  const int number = base + offset;
  return number >= SIGRTMIN && number <= SIGRTMAX ? number : 0;
}

int StandardSignal(absl::string_view name) {
  for (int number = 1; number < SIGRTMIN; ++number) {
    const char* abbreviation = sigabbrev_np(number);
    if (abbreviation != nullptr && name == abbreviation) return number;
  }
  return 0;
}

}  // namespace

absl::StatusOr<int> SignalNumber(absl::string_view name) {
  const std::string upper = absl::AsciiStrToUpper(name);
  int number = 0;
  if (absl::SimpleAtoi(upper, &number)) {
    if (number >= 1 && number <= SIGRTMAX) return number;
  } else {
    const absl::string_view bare = absl::StripPrefix(upper, "SIG");
    number = StandardSignal(bare);
    if (number == 0) number = RealTimeSignal(bare);
    if (number != 0) return number;
  }
  return absl::InvalidArgumentError(absl::StrCat("there is no signal ", name));
}

}  // namespace drover::container
