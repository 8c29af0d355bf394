// The mark that the kernel keeps on every connection Drover routed: how its packets are told from
// other people's; and their TTL.
#ifndef DROVER_SERVICES_PROXY_BACKEND_CONNECTION_MARK_H_
#define DROVER_SERVICES_PROXY_BACKEND_CONNECTION_MARK_H_

#include <cstdint>

namespace drover::proxy {

// "DRO" and the kind of the target.
inline constexpr uint32_t kMarkMask = 0xffffff00;
inline constexpr uint32_t kMark = 0x44524f00;
inline constexpr uint32_t kLocalMark = kMark | 1;
inline constexpr uint32_t kRemoteMark = kMark | 2;
// A local target asked by a container of the same node.
inline constexpr uint32_t kLocalFromBridgeMark = kMark | 3;

// Not of connections but of the relay's own sockets (SO_MARK): its connections pass every hold.
inline constexpr int kRelaySocketMark = kMark | 4;

// With which the packets of a client leave for another node, at most. Two nodes that disagree would
// send them back and forth.
inline constexpr int kForwardedTtl = 16;

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_CONNECTION_MARK_H_
