// How much of a pool has to be free before data moves into it. The coordinator places by it, and
// the volume service admits by it: what one of them promises, the other takes.
#ifndef DROVER_SERVICES_COMMON_ROOM_POOL_ROOM_H_
#define DROVER_SERVICES_COMMON_ROOM_POOL_ROOM_H_

#include <cstdint>

namespace drover {

// A fifth more than the data has now: it grows while it is copied, and copy-on-write pools slow
// down and fail in odd places when they are nearly full.
constexpr int64_t PoolRoomFor(int64_t bytes) { return bytes + bytes / 5; }

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_ROOM_POOL_ROOM_H_
