// What the probe asks Redis, and what it makes of the answer.
#ifndef DROVER_TESTING_BENCH_PROBE_REDIS_EXCHANGE_H_
#define DROVER_TESTING_BENCH_PROBE_REDIS_EXCHANGE_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace drover::bench {

// One request: a write of a number that only grows, or a read of it.
struct Request {
  bool is_write = false;
  // Write: the number. Read: the highest one whose write was answered before this was sent.
  int64_t number = 0;
};

enum class Answer {
  kIncomplete,  // More bytes are needed.
  kGood,
  kStale,    // A read that does not know an answered write.
  kLoading,  // Redis accepts, but still loads its data.
  kError,    // Any other answer that is not the one asked for.
};

// As bytes on the wire.
std::string Encode(const Request& request, const std::string& key);

// Judges what has come in so far.
Answer Judge(const Request& request, std::string_view received);

}  // namespace drover::bench

#endif  // DROVER_TESTING_BENCH_PROBE_REDIS_EXCHANGE_H_
