// When a move stops copying: rules over the copy rounds done so far.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_CONVERGENCE_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_CONVERGENCE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"

namespace drover::coordinator {

// One copy round, as the source measured it.
struct Round {
  int64_t bytes = 0;
  absl::Duration duration;
  bool incremental = false;
  // When its snapshot was asked for: what a round carries was written since the round before began.
  absl::Time begin = absl::InfinitePast();
  friend bool operator==(const Round&, const Round&) = default;
};

// Up to here a delta is as good as none: what a loaded link carries in about the time that a round
// takes which carries nothing.
inline constexpr int64_t kSmallBytes = 1 << 20;

// From here on the fixed cost of a round does not hide what the link carries.
inline constexpr int64_t kTellingBytes = 8 << 20;

// How fast the application wrote before a round, and how fast the round copied, in bytes per
// second.
struct Rates {
  double write = 0;
  double copy = 0;
};

// Of the last round; nothing if it does not tell: a first round, or one that was sent in full.
// `rounds` are those done so far, oldest first; never empty (here and below).
std::optional<Rates> RatesOf(const std::vector<Round>& rounds);

// Whether another copy round, made while the application runs, shortens the interruption by more
// than it costs itself, at the rates of the last round. Not, if three rounds have not made it
// shorter: the estimate is wrong then.
bool AnotherRoundPays(const std::vector<Round>& rounds);

// How many of the last rounds, in a row, the application wrote at 0.8 of the copy's rate or faster.
// Rounds that carried next to nothing do not count: they say nothing of the link.
int OutrunRounds(const std::vector<Round>& rounds);

// Whether the last round carried next to nothing, however long that took.
bool IsSmallDelta(const std::vector<Round>& rounds);

// Whether the last round, made before a wait, still leaves only little for the final delta at
// `now`: at its rate, and at most five seconds after its snapshot.
bool IsFresh(const std::vector<Round>& rounds, absl::Time now);

// What a move does after a round.
enum class NextStep {
  kCopy,
  // A pause, then another round, to see whether the application writes less by then.
  kWaitForCalm,
  kCutOver,
  // The application outruns the copy, and did not calm down.
  kGiveUpOutrun,
  // What the interruption will be does not fit the limit, and copying more does not change it.
  kGiveUpLimit,
};

// `fits`: whether the predicted interruption is within the limit that was asked for; nothing if
// there is no limit. `calm_waits`: pauses made so far.
//
// - One that fits a limit is begun at once; a limit is not met by waiting longer than it needs.
// - Three rounds outrun in a row: three times a pause and one more look, then the end.
// - Else copying goes on while it pays. Every way on shortens the rounds or is counted, so an end
//   is reached; no time is set to it.
NextStep Converge(const std::vector<Round>& rounds, std::optional<bool> fits, int calm_waits);

// As long as the last round, but not shorter than 5 s, nor longer than a minute.
absl::Duration CalmPause(const std::vector<Round>& rounds);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_CONVERGENCE_H_
