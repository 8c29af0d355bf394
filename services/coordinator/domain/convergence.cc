#include "services/coordinator/domain/convergence.h"

#include <algorithm>

namespace drover::coordinator {
namespace {

// What a round costs that carries next to nothing (measured: 45 ms with btrfs, 100 ms with ZFS).
constexpr absl::Duration kFloor = absl::Milliseconds(150);
// From this part of the copy's rate on the writer is too fast: the rounds hardly shrink.
constexpr double kOutrun = 0.8;
constexpr int kOutrunLimit = 3;
constexpr int kMaximumCalmWaits = 3;
// Rounds within which copying must get somewhere: a fifth less than ever before.
constexpr size_t kPatience = 3;
constexpr double kProgress = 0.8;
constexpr absl::Duration kShortestPause = absl::Seconds(5);
constexpr absl::Duration kLongestPause = absl::Minutes(1);
constexpr absl::Duration kFresh = absl::Seconds(5);

bool Small(const Round& round) { return round.bytes <= kSmallBytes && round.duration <= kFloor; }

// The part of a round that grows with what it carries.
absl::Duration Variable(const Round& round) {
  return std::max(round.duration - kFloor, absl::ZeroDuration());
}

// The time in which the application wrote what round `i` carried.
absl::Duration Interval(const std::vector<Round>& rounds, size_t i) {
  const Round& previous = rounds[i - 1];
  absl::Duration between = rounds[i].begin - previous.begin;
  // An older release did not note when a round began.
  if (between == absl::InfiniteDuration()) between = absl::ZeroDuration();
  return std::max({between, previous.duration, absl::Microseconds(1)});
}

// By the fastest of the rounds that tell of the link; by the last one, if none does.
absl::Duration TimeToCarry(const std::vector<Round>& rounds, int64_t bytes) {
  const Round* fastest = nullptr;
  for (const Round& round : rounds) {
    if (round.bytes < kTellingBytes || Variable(round) == absl::ZeroDuration()) continue;
    const bool is_faster =
        fastest == nullptr || Variable(round) * static_cast<double>(fastest->bytes) <
                                  Variable(*fastest) * static_cast<double>(round.bytes);
    if (is_faster) fastest = &round;
  }
  if (fastest == nullptr) fastest = &rounds.back();
  if (fastest->bytes == 0) return absl::ZeroDuration();
  return Variable(*fastest) * (static_cast<double>(bytes) / static_cast<double>(fastest->bytes));
}

// Write rate by copy rate of round `i`: the time the copy took by the time the writing took.
double Pressure(const std::vector<Round>& rounds, size_t i) {
  return absl::FDivDuration(Variable(rounds[i]), Interval(rounds, i));
}

bool IsOutrun(const std::vector<Round>& rounds, size_t i) {
  return i > 0 && rounds[i].incremental && rounds[i].bytes > kSmallBytes &&
         Pressure(rounds, i) >= kOutrun;
}

// Where the rounds begin by which progress is judged: those until the application outran the copy
// grew, and are over once it has calmed down.
size_t FreshFrom(const std::vector<Round>& rounds) {
  size_t fresh = 0;
  int in_a_row = 0;
  for (size_t i = 0; i < rounds.size(); ++i) {
    in_a_row = IsOutrun(rounds, i) ? in_a_row + 1 : 0;
    if (in_a_row >= kOutrunLimit) fresh = i + 1;
  }
  return fresh;
}

absl::Duration Shortest(std::vector<Round>::const_iterator begin,
                        std::vector<Round>::const_iterator end) {
  absl::Duration shortest = absl::InfiniteDuration();
  for (; begin != end; ++begin) shortest = std::min(shortest, begin->duration);
  return shortest;
}

// The last rounds brought nothing.
bool IsStuck(const std::vector<Round>& rounds) {
  const size_t fresh = FreshFrom(rounds);
  if (rounds.size() - fresh <= kPatience) return false;
  const auto recent = rounds.end() - kPatience;
  return Shortest(recent, rounds.end()) > kProgress * Shortest(rounds.begin() + fresh, recent);
}

}  // namespace

std::optional<Rates> RatesOf(const std::vector<Round>& rounds) {
  const size_t last = rounds.size() - 1;
  if (last == 0 || !rounds[last].incremental) return std::nullopt;
  const double bytes = static_cast<double>(rounds[last].bytes);
  const absl::Duration copying = std::max(rounds[last].duration, absl::Microseconds(1));
  return Rates{bytes / absl::ToDoubleSeconds(Interval(rounds, last)),
               bytes / absl::ToDoubleSeconds(copying)};
}

bool AnotherRoundPays(const std::vector<Round>& rounds) {
  if (Small(rounds.back())) return false;
  if (rounds.size() == 1) return true;
  if (IsStuck(rounds)) return false;
  const Round& last = rounds.back();
  // What its bytes do not explain: after a bulk the destination is busy writing it back, and would
  // make the final delta wait for that. A further round gives it the time.
  const absl::Duration carrying = TimeToCarry(rounds, last.bytes);
  const absl::Duration slowness = std::max(Variable(last) - carrying, absl::ZeroDuration());
  const double pressure = absl::FDivDuration(carrying, Interval(rounds, rounds.size() - 1));
  // The final delta holds what is written during the last round; after another round, what is
  // written during that one.
  const absl::Duration now = pressure * last.duration + slowness;
  const absl::Duration after = pressure * (kFloor + now);
  return now - after > kFloor;
}

bool IsSmallDelta(const std::vector<Round>& rounds) {
  return rounds.back().incremental && rounds.back().bytes <= kSmallBytes;
}

bool IsFresh(const std::vector<Round>& rounds, absl::Time now) {
  const Round& last = rounds.back();
  const absl::Duration age = now - last.begin;
  if (!IsSmallDelta(rounds) || age > kFresh) return false;
  // What made the round slow, such as a bulk that was written back, had as long again to end.
  if (age - last.duration < last.duration - kFloor) return false;
  if (rounds.size() == 1) return true;
  const double intervals = absl::FDivDuration(age, Interval(rounds, rounds.size() - 1));
  return static_cast<double>(last.bytes) * intervals <= 4 * kSmallBytes;
}

int OutrunRounds(const std::vector<Round>& rounds) {
  int count = 0;
  for (size_t i = rounds.size(); i-- > 0 && IsOutrun(rounds, i);) ++count;
  return count;
}

NextStep Converge(const std::vector<Round>& rounds, std::optional<bool> fits, int calm_waits) {
  if (fits == true) return NextStep::kCutOver;
  const int outrun = OutrunRounds(rounds);
  if (outrun >= kOutrunLimit) {
    return calm_waits < kMaximumCalmWaits ? NextStep::kWaitForCalm : NextStep::kGiveUpOutrun;
  }
  if (outrun > 0 || AnotherRoundPays(rounds)) return NextStep::kCopy;
  return fits == false ? NextStep::kGiveUpLimit : NextStep::kCutOver;
}

absl::Duration CalmPause(const std::vector<Round>& rounds) {
  return std::clamp(rounds.back().duration, kShortestPause, kLongestPause);
}

}  // namespace drover::coordinator
