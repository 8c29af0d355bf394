// A client for tests that opens short connections all the time.
#ifndef DROVER_SERVICES_PROXY_BACKEND_LOAD_CLIENT_H_
#define DROVER_SERVICES_PROXY_BACKEND_LOAD_CLIENT_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "services/proxy/backend/network_namespace.h"

namespace drover::proxy {

// Connects to the external port of `address` so many times a second, whether earlier connections
// were answered or not, and on each waits for the server's greeting. On a thread of its own.
class LoadClient {
 public:
  struct Result {
    int64_t answered = 0;
    int64_t refused = 0;
    int64_t reset = 0;
    // Ended without an answer.
    int64_t empty = 0;
    // Neither answered nor ended.
    int64_t lost = 0;
    absl::Duration longest;
  };

  LoadClient(const NetworkNamespace& from, std::string address, int per_second);
  ~LoadClient();

  int64_t answered() const { return answered_; }
  // Opens no more connections, and waits so long for those that are open.
  Result Finish(absl::Duration patience);

 private:
  void Run();
  void Open();
  void Receive(int connection);
  // What a connection counts as that ended by `error`, 0 = orderly.
  int64_t& CountOf(int error);

  const std::string address_;
  const int per_second_;
  std::atomic<int64_t> answered_ = 0;
  std::atomic<bool> stopping_ = false;
  absl::Time deadline_ = absl::InfiniteFuture();
  int events_ = -1;
  // With the time when each was opened.
  std::map<int, absl::Time> open_;
  Result result_;
  std::thread thread_;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_LOAD_CLIENT_H_
