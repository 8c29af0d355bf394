// The lab's network: one bridge, in a namespace of its own, that every machine is plugged into.
//
// It is not in a machine because a Docker Engine makes its whole namespace drop what merely crosses
// a bridge there. Cuts are made on the bridge, below IP: a machine cannot undo them, nor notice
// them other than by the silence.
#ifndef DROVER_TESTING_LAB_FABRIC_H_
#define DROVER_TESTING_LAB_FABRIC_H_

#include <string>

#include "absl/status/status.h"
#include "testing/lab/process_identity.h"

namespace drover::lab {

// Of what a machine sends and gets. kIn: it no longer gets anything.
enum class Direction { kBoth, kIn, kOut };

class Fabric {
 public:
  // `init` is process 1 of the fabric's namespaces.
  explicit Fabric(const ProcessIdentity& init) : init_(init) {}

  // Makes the bridge. Once.
  absl::Status Create();

  // Plugs a machine in: eth0 with `address` (of a /24) in the namespaces of `machine_init`. Its
  // hardware address follows from the address, so that it is the same after a reboot.
  absl::Status Connect(const std::string& machine, const std::string& address,
                       const ProcessIdentity& machine_init);

  // Drops what `machine` and the other machines (only `peer`, unless it is empty) send each other.
  // Cuts add up, and survive a reboot of the machine.
  absl::Status Cut(const std::string& machine, const std::string& peer, Direction direction);

  // Undoes all cuts.
  absl::Status Heal();

 private:
  ProcessIdentity init_;
};

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_FABRIC_H_
