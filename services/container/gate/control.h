// The gate's end of the control socket; see wire.h for what is said on it.
#ifndef DROVER_SERVICES_CONTAINER_GATE_CONTROL_H_
#define DROVER_SERVICES_CONTAINER_GATE_CONTROL_H_

#include <signal.h>
#include <stddef.h>

#include "services/container/gate/wire.h"

namespace drover::gate {

// Blocks all signals for as long as it lives and hands them out through a descriptor: the first
// process of a container has to take stop signals itself, for the kernel drops those it has no
// handler for. No disposition is changed, so none has to be restored for the application.
class Signals {
 public:
  Signals();

  // Becomes readable when a signal has come.
  int descriptor() const { return descriptor_; }
  // The signal that asks this process to end; 0 if none has come.
  int TakeStop();
  // Gives back the mask that the container was started with. False if a stop came in the meantime.
  bool Restore();

 private:
  sigset_t original_;
  int descriptor_;
};

// A connection that reads lines. All waiting ends early when a signal comes.
class Control {
 public:
  Control(const char* path, Signals* signals) : path_(path), signals_(signals) {}

  // Connects, for as long as it takes: the socket appears, goes and comes back with the volume
  // service.
  void Connect();
  // Closes, and lets some time pass so that a next Connect does not come at once.
  void Disconnect();
  // Sends `word`, `start_id` and, if not null, `text` as one line. False if the connection is gone.
  bool Say(const char* word, const char* start_id, const char* text = nullptr);
  // The next line without its end, valid until the next call; null if the connection is gone or the
  // line is longer than allowed.
  const char* ReadLine();
  // Waits until the other end has closed, at most `milliseconds`.
  void AwaitClose(int milliseconds);

 private:
  // Waits until the socket is readable or `milliseconds` are over (-1: for ever). Ends the process
  // if a stop signal comes: an application that has not begun has nothing to tidy up.
  void Wait(int milliseconds);

  const char* path_;
  Signals* signals_;
  int socket_ = -1;
  char buffer_[kMaxLine];
  size_t filled_ = 0;
  size_t taken_ = 0;
};

}  // namespace drover::gate

#endif  // DROVER_SERVICES_CONTAINER_GATE_CONTROL_H_
