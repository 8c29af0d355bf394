// Asking a person before data is given up.
#ifndef DROVER_CLI_CONFIRMATION_H_
#define DROVER_CLI_CONFIRMATION_H_

#include <string>

#include "cli/session.h"
#include "services/common/async/task.h"

namespace drover::cli {

// The answer has to be `name`, of what is at stake: nobody types that by accident.
Task<bool> IsConfirmed(Session& session, std::string name);

}  // namespace drover::cli

#endif  // DROVER_CLI_CONFIRMATION_H_
