#include "services/coordinator/domain/standstill.h"

#include "absl/strings/str_cat.h"

namespace drover::coordinator {
namespace {

std::string WhatIsWhere(const MigrationRecord& record) {
  const std::string& app = record.application.value();
  if (RunsAtDestination(record)) {
    return absl::StrCat(app, " runs on ", record.destination.value(),
                        "; what is left to do is waiting");
  }
  if (record.state == MigrationState::kAborting) {
    return absl::StrCat(record.error, "; the data of ", app, " is on ", record.source.value(),
                        ", and the way back is waiting");
  }
  return absl::StrCat("the data of ", app, " is on ", record.destination.value(),
                      " now; its start there is waiting");
}

}  // namespace

bool RunsAtDestination(const MigrationRecord& record) {
  const bool is_routed =
      record.state == MigrationState::kRouted || record.state == MigrationState::kRetired;
  return is_routed && !record.not_ready;
}

std::string StandstillText(const MigrationRecord& record, absl::string_view obstacle) {
  return absl::StrCat(WhatIsWhere(record), " (", obstacle,
                      ") and goes on by itself; see `drover migrations watch ", record.id.value(),
                      "`");
}

}  // namespace drover::coordinator
