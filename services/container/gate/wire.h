// What a gate and the node's volume service say to each other over the start's control socket.
//
// Both ends send lines of UTF-8 text, each ended by '\n' and at most kMaxLine bytes long. The gate
// connects.
//
//   gate -> service    gated START_ID               the program was found; the gate waits
//                      error START_ID TEXT          it cannot go on (no such program, a slot is not
//                      what was announced)
//   service -> gate    release COUNT                sent once; COUNT mount lines follow
//                      mount DEV INO MOUNTPOINT     st_dev and st_ino (decimal) that MOUNTPOINT
//                      must have in the container
//
// The gate's end of the connection is close-on-exec: end of file after `release` means that the
// application's own program has been executed. An `error` line before it says why it was not.
#ifndef DROVER_SERVICES_CONTAINER_GATE_WIRE_H_
#define DROVER_SERVICES_CONTAINER_GATE_WIRE_H_

namespace drover::gate {

inline constexpr char kControlDirectory[] = "/.drover";
inline constexpr char kControlSocket[] = "/.drover/control.sock";
inline constexpr char kSocketName[] = "control.sock";
inline constexpr char kGateProgram[] = "/.drover-gate";

inline constexpr char kGated[] = "gated ";
inline constexpr char kError[] = "error ";
inline constexpr char kRelease[] = "release ";
inline constexpr char kMount[] = "mount ";

inline constexpr int kMaxLine = 8192;
inline constexpr int kReconnectMilliseconds = 100;

}  // namespace drover::gate

#endif  // DROVER_SERVICES_CONTAINER_GATE_WIRE_H_
