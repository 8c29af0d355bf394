// Named places at which tests end or stop a daemon: around every durable step and every call.
//
// In the programs that users get they do nothing, and cannot be made to. Those of tests link
// :armed, which takes orders from a folder (armed.cc). Names are stable, and made of parts that are
// joined by dots:
//
//   volume.record.SEALED.before     the step is not begun
//   volume.record.SEALED.after      it is durable, and nobody was told
//   drover.volume.v1.Seal.called    a call has arrived
//   drover.volume.v1.Seal.done      it was carried out, and is not answered yet
//   drover.volume.v1.Seal.replied   the answer is on its way
#ifndef DROVER_SERVICES_COMMON_FAILPOINT_FAILPOINT_H_
#define DROVER_SERVICES_COMMON_FAILPOINT_FAILPOINT_H_

#include <initializer_list>

#include "absl/strings/string_view.h"

namespace drover {

// The place NAME.WHEN; NAME's parts are joined by dots. Any thread.
void HitFailpoint(std::initializer_list<absl::string_view> name, absl::string_view when);

// Does `step` between the places NAME.before and NAME.after.
template <class Step>
auto BetweenFailpoints(std::initializer_list<absl::string_view> name, Step step) {
  HitFailpoint(name, "before");
  auto result = step();
  HitFailpoint(name, "after");
  return result;
}

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_FAILPOINT_FAILPOINT_H_
