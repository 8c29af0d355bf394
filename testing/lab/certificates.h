// The trust of a lab: an authority, and a certificate for everybody in it.
#ifndef DROVER_TESTING_LAB_CERTIFICATES_H_
#define DROVER_TESTING_LAB_CERTIFICATES_H_

#include "absl/status/status.h"
#include "testing/lab/lab_record.h"

namespace drover::lab {

// Makes the authority and the certificates of coordinator, nodes, user and registry, each in its
// folder of LabPaths, and the folders that the engines look into for the registry's authority.
// Blocks.
absl::Status MakeCertificates(const LabRecord& lab);

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_CERTIFICATES_H_
