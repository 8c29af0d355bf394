// A TCP connection to a node that a test can cut.
#ifndef DROVER_SERVICES_VOLUME_TESTING_CUTTABLE_LINK_H_
#define DROVER_SERVICES_VOLUME_TESTING_CUTTABLE_LINK_H_

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "absl/synchronization/notification.h"
#include "services/common/async/task.h"

namespace drover::volume {

// Passes connections on to a port of this machine, on a thread of its own.
class CuttableLink {
 public:
  explicit CuttableLink(int port);
  ~CuttableLink();

  // host:port.
  std::string address() const;
  // All connections break when so much more has gone to the node. New ones work again.
  void CutAfter(int64_t bytes) { Plan(bytes, false); }
  // As before, but new ones break, too, until Mend.
  void CutForLongAfter(int64_t bytes) { Plan(bytes, true); }
  void WaitUntilCut() { cut_.WaitForNotification(); }
  // Lets connections through, to a port that may be another one.
  void Mend(int port);
  // What has gone to the node.
  int64_t bytes() const { return bytes_; }

 private:
  using Socket = boost::asio::ip::tcp::socket;

  void Plan(int64_t bytes, bool for_long);
  Task<void> Accept();
  Task<void> Forward(std::shared_ptr<Socket> from, std::shared_ptr<Socket> to, bool to_node);
  void Count(size_t bytes);

  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  int port_;
  bool refuse_ = false;
  bool cut_for_long_ = false;
  int64_t cut_at_ = -1;
  std::atomic<int64_t> bytes_ = 0;
  std::set<std::shared_ptr<Socket>> sockets_;
  absl::Notification cut_;
  std::thread thread_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_TESTING_CUTTABLE_LINK_H_
