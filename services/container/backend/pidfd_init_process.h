// InitProcesses by Linux' pidfds.
#ifndef DROVER_SERVICES_CONTAINER_BACKEND_PIDFD_INIT_PROCESS_H_
#define DROVER_SERVICES_CONTAINER_BACKEND_PIDFD_INIT_PROCESS_H_

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "services/common/async/blocking.h"
#include "services/container/backend/init_process.h"

namespace drover::container {

// Needs the pid namespace that the engine counts in, or one around it.
class PidfdInitProcesses : public InitProcesses {
 public:
  PidfdInitProcesses(boost::asio::any_io_executor executor, BlockingPool& pool)
      : executor_(executor), pool_(pool) {}
  absl::StatusOr<std::unique_ptr<InitProcess>> Find(int pid, const ContainerId& id) override;
  Task<absl::StatusOr<std::unique_ptr<InitProcess>>> Search(ContainerId id) override;

 private:
  const boost::asio::any_io_executor executor_;
  BlockingPool& pool_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_BACKEND_PIDFD_INIT_PROCESS_H_
