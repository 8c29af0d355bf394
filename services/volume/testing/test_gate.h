// Stands in for drover-gate: connects to a start's control socket, reports, waits for the release.
#ifndef DROVER_SERVICES_VOLUME_TESTING_TEST_GATE_H_
#define DROVER_SERVICES_VOLUME_TESTING_TEST_GATE_H_

#include <atomic>
#include <string>
#include <thread>

namespace drover::volume {

// Runs on a thread of its own, so that the process behind the socket is the test itself.
class TestGate {
 public:
  // Connects again whenever the connection is lost before the release, as the real one does.
  TestGate(const std::string& control_folder, const std::string& start_id);
  ~TestGate();

  // The release came, and the "program" was executed.
  bool executed() const { return executed_; }
  // What came with it.
  const std::string& release() const { return release_; }

 private:
  void Run();
  int Connect();

  const std::string socket_;
  const std::string start_id_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> executed_ = false;
  std::atomic<int> fd_ = -1;
  std::string release_;
  std::thread thread_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_TESTING_TEST_GATE_H_
