// What of a lab the kernel still knows of.
#ifndef DROVER_TESTING_LAB_LEAKS_H_
#define DROVER_TESTING_LAB_LEAKS_H_

#include <string>
#include <vector>

#include "testing/lab/lab_record.h"

namespace drover::lab {

// Each in words: "process 123 (dockerd)". Blocks.

// Processes of the lab, ours and our parents' excepted.
std::vector<std::string> LeftProcesses(const LabRecord& lab);

// Mounts, in any mount namespace, of anything below `folder`; they keep namespaces alive too.
std::vector<std::string> LeftMounts(const std::string& folder);

// Loop devices whose file lies below `folder`.
std::vector<std::string> LeftLoopDevices(const std::string& folder);

// The folder of `group` in each hierarchy of control groups that has it.
std::vector<std::string> ControlGroupFolders(const std::string& group);

// Removes the group itself, in each hierarchy where it is empty.
void RemoveEmptyControlGroup(const std::string& group);

// Removes the group and all below it, in each hierarchy. False if something is in it still.
bool RemoveControlGroups(const std::string& group);

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_LEAKS_H_
