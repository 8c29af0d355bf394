// The state of a lab, for the log of a test that failed.
#ifndef DROVER_TESTING_E2E_LAB_REPORT_H_
#define DROVER_TESTING_E2E_LAB_REPORT_H_

#include <string>

#include "testing/lab/lab.h"

namespace drover::e2e {

// Which daemons run, and the last lines that each of Drover's own wrote.
std::string LabReport(const lab::Lab& lab);

}  // namespace drover::e2e

#endif  // DROVER_TESTING_E2E_LAB_REPORT_H_
