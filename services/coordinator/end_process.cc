#include "services/coordinator/end_process.h"

#include <glog/logging.h>

#include <cstdlib>

#include "services/common/status/reason.h"

namespace drover::coordinator {

void EndProcess(const absl::Status& why) {
  if (ReasonOf(why) == "RECOVERY_MODE") {
    LOG(ERROR) << why.message();
    google::FlushLogFiles(google::INFO);
    std::_Exit(kRecoveryExitCode);
  }
  if (ReasonOf(why) != "STALE_EPOCH") LOG(FATAL) << why.message();
  LOG(ERROR) << why.message()
             << "; this coordinator stops and must not be started again before the store in its "
                "state_dir is known to be the newest, and no other coordinator runs";
  google::FlushLogFiles(google::INFO);
  // Other threads are at work: no destructors.
  std::_Exit(kSupersededExitCode);
}

}  // namespace drover::coordinator
