// Calls that the coordinator carries out to their end, whether somebody waits for that or not.
#ifndef DROVER_CLI_ORDER_H_
#define DROVER_CLI_ORDER_H_

#include <utility>

#include "cli/session.h"
#include "services/common/async/task.h"

namespace drover::cli {

// The answer to `call`, which changes something. Ctrl-C says meanwhile what becomes of it.
template <class Answer>
Task<Answer> Order(Session& session, Task<Answer> call) {
  session.set_detach_message(
      "The order is carried out if it has reached the coordinator; see `drover status` and "
      "`drover deployments list`.");
  Answer answer = co_await std::move(call);
  session.set_detach_message("");
  co_return answer;
}

}  // namespace drover::cli

#endif  // DROVER_CLI_ORDER_H_
