#!/usr/bin/env bash
# A part of the fault suite. usage: part_test.sh RUN DAEMON… -- OPTION… ; the other programs come from $DROVER_BIN.
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
while [[ $1 != -- ]]; do
  ln -s "$(readlink -f "$1")" "$programs"
  shift
done
shift
"$(readlink -f "$run")" --programs "$programs" "$@"
