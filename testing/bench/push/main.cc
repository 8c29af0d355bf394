// bench-push: has one node's volume service push a volume to another's, and says how long that
// took.
#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "absl/time/time.h"
#include "services/common/tls/credentials.h"
#include "testing/bench/push/volume_pusher.h"

namespace drover::bench {
namespace {

struct Options {
  std::string tls, source, destination, application;
  int number = 0;
};

// NAME=HOST:PORT
VolumeNode ParseNode(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos) {
    throw CLI::ValidationError(text, "write a node as NAME=HOST:PORT");
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

absl::Status Run(const Options& options) {
  absl::StatusOr<TlsFolder> tls = TlsFolder::Open(options.tls);
  if (!tls.ok()) return tls.status();
  VolumePusher pusher(*tls, ParseNode(options.source), ParseNode(options.destination),
                      options.application);
  if (options.number == 0) return pusher.Create(std::cin);
  absl::StatusOr<volume::v1::PushResult> result = pusher.Push(options.number);
  if (!result.ok()) return result.status();
  const google::protobuf::Duration& duration = result->duration();
  const absl::Duration taken =
      absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
  std::cout << result->bytes() << " " << absl::ToDoubleSeconds(taken) << "\n";
  return absl::OkStatus();
}

}  // namespace
}  // namespace drover::bench

int main(int argc, char** argv) {
  drover::bench::Options options;
  CLI::App app{
      "Makes a volume from the tar archive on standard input, or pushes it and prints the stream's "
      "bytes and the seconds."};
  app.add_option("--tls", options.tls, "folder of the coordinator's certificate")->required();
  app.add_option("--source", options.source, "NAME=HOST:PORT of its volume service")->required();
  app.add_option("--destination", options.destination, "NAME=HOST:PORT")->required();
  app.add_option("--push", options.number, "push the volume; a number that is new each time")
      ->check(CLI::PositiveNumber);
  app.add_option("APPLICATION", options.application, "whose volume")->required();
  try {
    app.parse(argc, argv);
    const absl::Status status = drover::bench::Run(options);
    if (status.ok()) return 0;
    std::cerr << "bench-push: " << status.message() << "\n";
    return 1;
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  }
}
