// What is outside of the process, so that tests can replace it.
#ifndef DROVER_CLI_ENVIRONMENT_H_
#define DROVER_CLI_ENVIRONMENT_H_

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "services/common/async/sleeper.h"
#include "services/common/async/task.h"
#include "services/common/time/clock.h"
#include "services/coordinator/client/coordinator_client.h"

namespace drover::cli {

struct Connection {
  std::unique_ptr<coordinator::CoordinatorClient> client;
  // Whether the last call reached the coordinator: an UNAVAILABLE may come from it, or mean that it
  // cannot be reached.
  std::function<bool()> is_connected;
};

struct Environment {
  std::ostream* out = nullptr;
  std::ostream* err = nullptr;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool in_is_terminal = false;
  // How wide the terminal is now.
  std::function<int()> terminal_columns;

  // A value of the process's environment; empty if it is not set.
  std::function<std::string(const char* name)> get_variable;
  // The coordinator at `address`, with the certificates in `cert_dir`. Contacts nobody yet.
  std::function<absl::StatusOr<Connection>(const std::string& address, const std::string& cert_dir)>
      connect;
  // A line typed by the user, without its end; nothing at the end of the input.
  std::function<Task<std::optional<std::string>>()> read_line;
  const Clock* clock = nullptr;
  Sleeper* sleeper = nullptr;
};

}  // namespace drover::cli

#endif  // DROVER_CLI_ENVIRONMENT_H_
