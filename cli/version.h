#ifndef DROVER_CLI_VERSION_H_
#define DROVER_CLI_VERSION_H_

namespace drover::cli {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace drover::cli

#endif  // DROVER_CLI_VERSION_H_
