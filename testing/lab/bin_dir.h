// Where Drover's programs lie.
#ifndef DROVER_TESTING_LAB_BIN_DIR_H_
#define DROVER_TESTING_LAB_BIN_DIR_H_

#include <string>

namespace drover::lab {

// The folder of the program that was started as `argv0`: the one it was called in, with its links
// (out/bin links into the build's folders), or the first of PATH that has it.
std::string FindBinDir(const std::string& argv0);

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_BIN_DIR_H_
