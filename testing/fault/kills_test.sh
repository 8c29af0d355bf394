#!/usr/bin/env bash
# Each failpoint of a move with SIGKILL. usage: kills_test.sh RUN DAEMON… ; the other programs come from $DROVER_BIN.
set -euo pipefail
if [[ $EUID -ne 0 ]]; then
  echo "needs root: namespaces, mounts and container engines" >&2
  exit 1
fi
run=$1
shift
programs=$(mktemp -d)
trap 'rm -rf "$programs"' EXIT
ln -s "$(readlink -f "$DROVER_BIN")"/{drover,drover-gate,drover-lab} "$programs"
for daemon in "$@"; do
  ln -s "$(readlink -f "$daemon")" "$programs"
done
"$(readlink -f "$run")" --programs "$programs" --scenario move --scenario image --scenario cancelled
