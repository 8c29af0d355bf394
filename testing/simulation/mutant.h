// Ways to break the protocol on purpose: each must be found out.
#ifndef DROVER_TESTING_SIMULATION_MUTANT_H_
#define DROVER_TESTING_SIMULATION_MUTANT_H_

namespace drover::simulation {

// Those of the explicit-state model of the hand-over, by the same names. The agents of the
// simulated nodes have the mistake, or, for what the coordinator decides, the edge between it and
// the network answers for it.
enum class Mutant {
  kNone,
  kSnapshotBeforeStop,
  kAbortUntagged,
  kAbortAfterCommit,
  kSourceLeaseUnseal,
  kStartAtPrepare,
  kRestartPolicyAlways,
  kCommitUntagged,
  kAcceptTruncated,
  kAckBeforeFsync,
  kRetireAtCommit,
  kRetireUntagged,
  kRetireAnyState,
  kStaleSealOk,
  kSealAckUntagged,
  kPrepAckUntagged,
  kPrepAckBeforeVerify,
  kCommitOnSeal,
};

}  // namespace drover::simulation

#endif  // DROVER_TESTING_SIMULATION_MUTANT_H_
