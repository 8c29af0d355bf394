// Follows the node's containers, and mends the table when others change it.
#ifndef DROVER_SERVICES_PROXY_DRIVER_ROUTE_KEEPER_H_
#define DROVER_SERVICES_PROXY_DRIVER_ROUTE_KEEPER_H_

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/async/sleeper.h"
#include "services/common/async/task.h"
#include "services/container/client/container_client.h"
#include "services/proxy/driver/route_driver.h"

namespace drover::proxy {

// Coroutines on `executor`. One watches the container service; one makes the driver follow the
// containers after each of its messages, and reconcile every few seconds: an engine that started
// has set its own policy, an administrator may have flushed the rules. Two more renew holds, and
// forget connections to targets that are gone. Stop must have ended before it is destroyed.
class RouteKeeper {
 public:
  // All outlive the keeper. `report` is told of every failed round.
  struct Deps {
    RouteDriver& driver;
    container::ContainerClient& containers;
    Sleeper& sleeper;
    std::function<void(const absl::Status&)> report;
  };

  RouteKeeper(boost::asio::any_io_executor executor, Deps deps);

  void Start();
  Task<void> Stop();

 private:
  Task<void> Watch();
  Task<void> Keep();
  Task<void> RenewHolds();
  Task<void> ForgetConnections();
  // What the relay could not hold since the last time.
  void ReportRelay();
  void Spawn(Task<void> (RouteKeeper::*loop)(), boost::asio::cancellation_signal& signal);

  const boost::asio::any_io_executor executor_;
  const Deps deps_;
  // Cancelled to wake Keep.
  boost::asio::steady_timer next_round_;
  bool changed_ = true;
  boost::asio::cancellation_signal stop_watch_;
  boost::asio::cancellation_signal stop_keep_;
  boost::asio::cancellation_signal stop_renew_;
  boost::asio::cancellation_signal stop_forget_;
  RelayCounters reported_;
  int running_ = 0;
  bool stopping_ = false;
  Completion<bool> on_stopped_;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_DRIVER_ROUTE_KEEPER_H_
