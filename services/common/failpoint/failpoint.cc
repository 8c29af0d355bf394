#include "services/common/failpoint/failpoint.h"

namespace drover {

// Weak: a program that links :armed has that one instead.
__attribute__((weak)) void HitFailpoint(std::initializer_list<absl::string_view>,
                                        absl::string_view) {}

}  // namespace drover
