#include "testing/e2e/lab_report.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/common/file/durable_file.h"
#include "testing/lab/lab_json.h"

namespace drover::e2e {
namespace {

constexpr size_t kLines = 12;

std::string LastLines(const std::string& path) {
  const std::string text = ReadFile(path).value_or("");
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  return absl::StrJoin(lines.end() - std::min(lines.size(), kLines), lines.end(), "\n");
}

}  // namespace

std::string LabReport(const lab::Lab& lab) {
  absl::StatusOr<lab::LabStatus> status = lab.Status();
  if (!status.ok()) return absl::StrCat("no report of the lab: ", status.status().message(), "\n");
  const std::set<std::string> left_out = {lab::EngineName(status->engine), "registry", "zfs"};
  std::string report = lab::LabStatusToText(*status);
  for (const lab::MachineStatus& machine : status->machines) {
    for (const lab::DaemonStatus& daemon : machine.daemons) {
      if (left_out.contains(daemon.name)) continue;
      absl::StrAppend(&report, "--- ", daemon.name, "@", machine.name,
                      daemon.running ? "" : " (not running)", "\n",
                      LastLines(lab.paths().log(machine.name, daemon.name)), "\n");
    }
  }
  return report;
}

}  // namespace drover::e2e
