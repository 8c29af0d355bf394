#include "services/coordinator/domain/prediction.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace drover::coordinator {
namespace {

constexpr double kMiB = 1 << 20;
// From so many measurements on, one of 20 is longer than what is said.
constexpr size_t kEnough = 20;

// In seconds, bytes, or seconds for a byte.
struct Spread {
  double median = 0;
  double p95 = 0;

  Spread operator+(const Spread& other) const { return {median + other.median, p95 + other.p95}; }
  Spread operator*(const Spread& other) const { return {median * other.median, p95 * other.p95}; }
};

Spread Max(const Spread& a, const Spread& b) {
  return {std::max(a.median, b.median), std::max(a.p95, b.p95)};
}

constexpr Spread kStop = {0.250, 0.600};
constexpr Spread kSnapshot = {0.030, 0.100};
constexpr Spread kFloor = {0.060, 0.200};
constexpr Spread kSecondsPerByte = {1 / (100 * kMiB), 1 / (50 * kMiB)};
constexpr Spread kCommit = {0.005, 0.020};
constexpr Spread kActivate = {0.040, 0.100};
constexpr Spread kReady = {0.200, 0.450};
constexpr Spread kContainer = {0.350, 0.700};
constexpr Spread kRoute = {0.010, 0.030};

Spread SpreadOf(std::vector<double> measured, const Spread& assumed) {
  if (measured.empty()) return assumed;
  std::sort(measured.begin(), measured.end());
  const size_t count = measured.size();
  Spread spread;
  spread.median = measured[count / 2];
  if (count >= kEnough) {
    spread.p95 = measured[static_cast<size_t>(std::ceil(0.95 * static_cast<double>(count))) - 1];
  } else {
    spread.p95 = measured.back() * (1 + 0.5 / static_cast<double>(count));
  }
  return spread;
}

Spread SpreadOf(const std::vector<absl::Duration>& measured, const Spread& assumed) {
  std::vector<double> seconds;
  for (absl::Duration one : measured) seconds.push_back(absl::ToDoubleSeconds(one));
  return SpreadOf(std::move(seconds), assumed);
}

// The link, by what this move has shown of it; else by what earlier ones have.
Spread SecondsPerByte(const CutoverHistory& history, const std::vector<Round>& rounds,
                      bool limited) {
  std::vector<double> measured;
  for (const Round& round : rounds) {
    if (limited || round.bytes < kTellingBytes) continue;
    measured.push_back(absl::ToDoubleSeconds(round.duration) / static_cast<double>(round.bytes));
  }
  if (measured.empty()) {
    for (double rate : history.bytes_per_second) measured.push_back(1 / rate);
  }
  return SpreadOf(std::move(measured), kSecondsPerByte);
}

// What the application will have written since the last round's snapshot until it has stopped.
Spread DeltaBytes(const CutoverHistory& history, const std::vector<Round>& rounds, absl::Time now,
                  const Spread& stop) {
  std::vector<double> measured(history.shutdown_bytes.begin(), history.shutdown_bytes.end());
  const Spread shutdown = SpreadOf(std::move(measured), Spread());
  if (rounds.empty()) return shutdown;
  const std::optional<Rates> rates = RatesOf(rounds);
  if (!rates.has_value()) {
    // How fast it writes is not known: it may write all of that again.
    const double all = static_cast<double>(rounds.back().bytes);
    return shutdown + Spread{all, all};
  }
  const Round& last = rounds.back();
  const absl::Duration since = now - last.begin;
  const double open =
      absl::ToDoubleSeconds(since == absl::InfiniteDuration() ? last.duration : since);
  return shutdown + Spread{rates->write * (open + stop.median), rates->write * (open + stop.p95)};
}

}  // namespace

Prediction Predict(const CutoverHistory& history, const std::vector<Round>& rounds, bool limited,
                   absl::Time now) {
  const Spread stop = SpreadOf(history.stop, kStop);
  const Spread delta =
      DeltaBytes(history, rounds, now, stop) * SecondsPerByte(history, rounds, limited);
  const Spread total = stop + SpreadOf(history.snapshot, kSnapshot) +
                       Max(SpreadOf(history.floor, kFloor), delta) +
                       SpreadOf(history.commit, kCommit) + SpreadOf(history.activate, kActivate) +
                       SpreadOf(history.ready, kReady) + SpreadOf(history.route, kRoute);
  return {absl::Seconds(total.median), absl::Seconds(total.p95),
          static_cast<int>(history.stop.size())};
}

Prediction PredictRestart(const std::vector<absl::Duration>& restarts,
                          const CutoverHistory& history) {
  const Spread parts = SpreadOf(history.stop, kStop) + kContainer + SpreadOf(history.ready, kReady);
  const Spread total = SpreadOf(restarts, parts);
  return {absl::Seconds(total.median), absl::Seconds(total.p95), static_cast<int>(restarts.size())};
}

}  // namespace drover::coordinator
