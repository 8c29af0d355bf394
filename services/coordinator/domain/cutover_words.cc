#include "services/coordinator/domain/cutover_words.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace drover::coordinator {
namespace {

// As durations are written in options: `1.5s`, `420ms`. Rounded up, so that what is advised is
// enough.
std::string Words(absl::Duration duration) {
  return absl::FormatDuration(absl::Ceil(duration, absl::Milliseconds(1)));
}

// As --bandwidth is written.
std::string RateWords(double bytes_per_second) {
  return absl::StrFormat("%.1fMB/s", bytes_per_second / (1 << 20));
}

std::string Basis(const MigrationRecord& record) {
  const int measured = record.prediction->measured;
  if (measured == 0) return absl::StrCat("assumed, since no move of it has been measured yet");
  return absl::StrCat("measured in ", measured, measured == 1 ? " move" : " moves");
}

}  // namespace

std::string DoesNotFitText(const MigrationRecord& record) {
  const Prediction& prediction = *record.prediction;
  return absl::StrCat("the interruption would be about ", Words(prediction.expected),
                      ", and up to ", Words(prediction.p95), " in 19 moves of 20 (", Basis(record),
                      "), which is longer than the ", Words(*record.options.max_downtime),
                      " allowed, so it was not begun; allow ", Words(prediction.p95),
                      ", or move it without a limit");
}

std::string OutrunText(const MigrationRecord& record) {
  const Rates rates = RatesOf(record.rounds).value_or(Rates());
  const std::string& app = record.application.value();
  const bool limited = record.options.bandwidth_bytes_per_second > 0;
  std::string text =
      absl::StrCat(app, " writes ", RateWords(rates.write), " and the copy to ",
                   record.destination.value(), " moves ", RateWords(rates.copy), ", so ",
                   record.rounds.size(), " rounds did not catch up, and it did not calm down in ",
                   record.calm_waits, " pauses; it was not interrupted: ");
  absl::StrAppend(&text, limited ? "allow more bandwidth, " : "",
                  "move it when it writes less, or allow an interruption of ",
                  Words(record.prediction->p95));
  return text;
}

std::string TooLongText(const MigrationRecord& record, absl::Time now) {
  return absl::StrCat(record.application.value(), " had been interrupted for ",
                      Words(now - record.cutover_start), ", longer than the ",
                      Words(*record.options.max_downtime),
                      " allowed, before the move could be committed, so it was undone");
}

}  // namespace drover::coordinator
