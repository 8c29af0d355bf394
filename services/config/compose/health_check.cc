#include "services/config/compose/health_check.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "services/config/readers/values.h"
#include "services/config/values/duration.h"

namespace drover::config {
namespace {

// Docker's defaults, as far as they say something here. Every member is optional.
struct Schedule {
  absl::Duration interval = absl::Seconds(30);
  absl::Duration start_period = absl::ZeroDuration();
  int64_t retries = 3;
};

// The command line; an empty one for `NONE`.
std::optional<std::vector<std::string>> ReadTest(const Field& field) {
  if (!field.IsList()) {
    std::optional<std::string> line = field.String();
    if (!line.has_value()) return std::nullopt;
    return std::vector<std::string>{"/bin/sh", "-c", *std::move(line)};
  }
  std::optional<std::vector<std::string>> words = field.StringList();
  if (!words.has_value()) return std::nullopt;
  if (words->size() == 1 && words->front() == "NONE") return std::vector<std::string>();
  if (words->size() == 2 && words->front() == "CMD-SHELL") {
    return std::vector<std::string>{"/bin/sh", "-c", words->back()};
  }
  if (words->size() >= 2 && words->front() == "CMD") {
    words->erase(words->begin());
    return words;
  }
  field.Refuse(
      "must be a command line, or one of [CMD, PROGRAM, ARGUMENTS…], [CMD-SHELL, LINE], [NONE]");
  return std::nullopt;
}

// Other durations must not be zero.
absl::StatusOr<absl::Duration> ParseStartPeriod(absl::string_view text) {
  if (text == "0s") return absl::ZeroDuration();
  return ParseDuration(text);
}

}  // namespace

std::optional<Readiness> ReadHealthCheck(const Field& field) {
  const std::optional<Mapping> mapping = field.MappingOf(
      {"test", "interval", "timeout", "retries", "start_period", "start_interval", "disable"});
  if (!mapping.has_value()) return std::nullopt;
  HealthCheck check;
  Schedule schedule;
  if (const auto timeout = mapping->Find("timeout")) {
    check.timeout = ReadDuration(*timeout).value_or(check.timeout);
  }
  if (const auto interval = mapping->Find("interval")) {
    schedule.interval = ReadDuration(*interval).value_or(schedule.interval);
  }
  if (const auto retries = mapping->Find("retries")) {
    schedule.retries = retries->Integer(1, 1000).value_or(schedule.retries);
  }
  if (const auto period = mapping->Find("start_period")) {
    schedule.start_period = period->Parsed(&ParseStartPeriod).value_or(schedule.start_period);
  }
  // Drover looks as often as is good for a short interruption.
  if (const auto interval = mapping->Find("start_interval")) ReadDuration(*interval);
  const auto disable = mapping->Find("disable");
  const bool is_disabled = disable.has_value() && disable->Boolean().value_or(false);
  const auto test = is_disabled ? mapping->Find("test") : mapping->Require("test");
  if (test.has_value()) {
    std::vector<std::string> command = ReadTest(*test).value_or(std::vector<std::string>());
    if (!is_disabled) check.command = std::move(command);
  }
  Readiness readiness;
  readiness.timeout =
      std::max(readiness.timeout, schedule.start_period + schedule.retries * schedule.interval);
  readiness.health_check = std::move(check);
  return readiness;
}

}  // namespace drover::config
