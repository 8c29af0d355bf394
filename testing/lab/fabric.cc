#include "testing/lab/fabric.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "services/common/process/process.h"
#include "services/common/status/status_macros.h"
#include "testing/lab/machine_entry.h"

namespace drover::lab {
namespace {

// Each of `commands`, words separated by one blank, inside the namespaces of `init`.
absl::Status RunIn(const ProcessIdentity& init, const std::vector<std::string>& commands) {
  for (const std::string& command : commands) {
    const std::vector<std::string> words = absl::StrSplit(command, ' ');
    DROVER_RETURN_IF_ERROR(RunToolInMachine(init, words).status());
  }
  return absl::OkStatus();
}

std::string HardwareAddress(const std::string& address) {
  std::string hardware = "02:00";
  for (const std::string& byte : std::vector<std::string>(absl::StrSplit(address, '.'))) {
    int value = 0;
    if (absl::SimpleAtoi(byte, &value)) absl::StrAppendFormat(&hardware, ":%02x", value);
  }
  return hardware;
}

// One rule of the bridge: drop what goes from `from` (anything, if empty) to `to` (likewise).
// ARP passes: machines then still know each other's hardware addresses when a cut is healed, and
// need not wait for their next attempt to learn them.
std::string DropRule(const std::string& from, const std::string& to) {
  std::string rule = "add rule bridge cuts forward ether type != arp";
  if (!from.empty()) absl::StrAppend(&rule, " iifname ", from);
  if (!to.empty()) absl::StrAppend(&rule, " oifname ", to);
  return rule + " drop";
}

}  // namespace

absl::Status Fabric::Create() {
  return RunIn(init_, {"ip link add lab type bridge", "ip link set lab up"});
}

absl::Status Fabric::Connect(const std::string& machine, const std::string& address,
                             const ProcessIdentity& machine_init) {
  const std::string hardware = HardwareAddress(address);
  // After a reboot the kernel may still be about to remove what the machine was plugged in with.
  RunToolInMachine(init_, {"ip", "link", "delete", machine}).IgnoreError();
  // Only the network of the fabric is entered, so that the number of the machine's process is ours.
  const std::string pair =
      absl::StrCat("ip link add ", machine, " type veth peer name eth0 address ", hardware,
                   " netns ", machine_init.pid);
  std::vector<std::string> words = {"nsenter", absl::StrCat("--target=", init_.pid), "--net", "--"};
  for (const std::string& word : std::vector<std::string>(absl::StrSplit(pair, ' '))) {
    words.push_back(word);
  }
  DROVER_RETURN_IF_ERROR(
      RunChecked(words, {.environment = {absl::StrCat("PATH=", kSystemPath)}}).status());
  DROVER_RETURN_IF_ERROR(RunIn(init_, {absl::StrCat("ip link set ", machine, " master lab up")}));
  return RunIn(machine_init, {"ip link set lo up", "ip link set eth0 up",
                              absl::StrCat("ip address add ", address, "/24 dev eth0")});
}

absl::Status Fabric::Cut(const std::string& machine, const std::string& peer, Direction direction) {
  std::vector<std::string> batch = {
      "add table bridge cuts",
      "add chain bridge cuts forward { type filter hook forward priority 0; }"};
  if (direction != Direction::kOut) batch.push_back(DropRule(peer, machine));
  if (direction != Direction::kIn) batch.push_back(DropRule(machine, peer));
  std::string script;
  for (const std::string& line : batch) absl::StrAppend(&script, line, "\n");
  return RunToolInMachine(init_, {"nft", script}).status();
}

absl::Status Fabric::Heal() {
  // Adding first makes the deletion succeed where there is no table.
  return RunToolInMachine(init_, {"nft", "add table bridge cuts; delete table bridge cuts"})
      .status();
}

}  // namespace drover::lab
