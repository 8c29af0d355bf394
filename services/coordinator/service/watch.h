// The newest state of something that ends, as a stream.
#ifndef DROVER_SERVICES_COORDINATOR_SERVICE_WATCH_H_
#define DROVER_SERVICES_COORDINATOR_SERVICE_WATCH_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "services/common/async/change_signal.h"
#include "services/common/async/server_call.h"
#include "services/common/async/task.h"

namespace drover::coordinator {

// Full snapshots of `find()`'s answer until `ended` says so of it, or the reader is gone. While a
// write is under way changes are not looked at, so a slow reader gets only the newest.
template <class Response, class Find, class Ended, class Set>
Task<absl::Status> Watch(ChangeSignal& changed, Find find, Ended ended, Set set,
                         ResponseWriter<Response>& writer) {
  std::string last;
  while (true) {
    const uint64_t seen = changed.count();
    auto found = find();
    if (!found.ok()) co_return found.status();
    std::string now = found->SerializeAsString();
    if (now != last) {
      last = std::move(now);
      Response response;
      set(response, *found);
      if (!co_await writer.Write(std::move(response))) co_return absl::OkStatus();
    }
    if (ended(*found)) co_return absl::OkStatus();
    co_await changed.Wait(seen);
  }
}

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_SERVICE_WATCH_H_
