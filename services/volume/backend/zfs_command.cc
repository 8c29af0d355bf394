#include "services/volume/backend/zfs_command.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "services/common/process/process.h"
#include "services/common/status/status_macros.h"
#include "services/volume/backend/errno_status.h"

namespace drover::volume::zfs {
namespace {

// It takes milliseconds; a dataset that somebody really uses is reported after this.
constexpr absl::Duration kIdleTimeout = absl::Seconds(5);
constexpr absl::Duration kIdlePause = absl::Milliseconds(20);

}  // namespace

absl::StatusOr<std::string> Zfs(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "zfs");
  DROVER_ASSIGN_OR_RETURN(CommandResult result, RunCommand(arguments));
  if (result.exit_code == 0) return result.output;
  const std::string words =
      absl::StrCat("zfs ", arguments[1], ": ", absl::StripSuffix(result.error_output, "\n"));
  if (absl::StrContains(words, "does not exist")) return absl::NotFoundError(words);
  if (absl::StrContains(words, "out of space")) return PoolFullError(words);
  return absl::InternalError(words);
}

bool IsBusy(const absl::Status& status) {
  return absl::StrContains(status.message(), "dataset is busy");
}

absl::StatusOr<std::string> ZfsOnceIdle(const std::vector<std::string>& arguments) {
  const absl::Time deadline = absl::Now() + kIdleTimeout;
  while (true) {
    absl::StatusOr<std::string> output = Zfs(arguments);
    if (!IsBusy(output.status()) || absl::Now() >= deadline) return output;
    absl::SleepFor(kIdlePause);
  }
}

absl::StatusOr<bool> Exists(const std::string& dataset) {
  absl::StatusOr<std::string> listed = Zfs({"list", "-H", "-o", "name", dataset});
  if (absl::IsNotFound(listed.status())) return false;
  if (!listed.ok()) return listed.status();
  return true;
}

absl::StatusOr<std::string> Get(const std::string& dataset, const std::string& property) {
  DROVER_ASSIGN_OR_RETURN(std::string value,
                          Zfs({"get", "-H", "-p", "-o", "value", property, dataset}));
  return std::string(absl::StripSuffix(value, "\n"));
}

absl::StatusOr<int64_t> GetNumber(const std::string& dataset, const std::string& property) {
  DROVER_ASSIGN_OR_RETURN(std::string text, Get(dataset, property));
  int64_t number = 0;
  if (absl::SimpleAtoi(text, &number)) return number;
  return absl::InternalError(
      absl::StrCat("zfs says ", property, "=", text, " of ", dataset, ", which is no number"));
}

absl::Status Set(const std::string& dataset, const std::string& property,
                 const std::string& value) {
  return Zfs({"set", absl::StrCat(property, "=", value), dataset}).status();
}

absl::StatusOr<std::vector<Property>> GetAll(const std::string& dataset,
                                             const std::string& properties,
                                             std::vector<std::string> options) {
  std::vector<std::string> arguments = {"get", "-r", "-H", "-p", "-o", "name,property,value"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.insert(arguments.end(), {properties, dataset});
  DROVER_ASSIGN_OR_RETURN(std::string output, Zfs(std::move(arguments)));
  std::vector<Property> all;
  for (absl::string_view line : absl::StrSplit(output, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> fields = absl::StrSplit(line, absl::MaxSplits('\t', 2));
    if (fields.size() == 3) all.push_back({fields[0], fields[1], fields[2]});
  }
  return all;
}

}  // namespace drover::volume::zfs
