#!/usr/bin/env bash
# The programs that users get have no failpoints that obey; those of the fault suite have.
# usage: armed_test.sh RELEASED… -- ARMED…
set -euo pipefail
# The name of the variable that gives orders: it is in a program exactly if the code is that reads it.
has_orders() { grep -q DROVER_FAILPOINTS "$1"; }
expected=1
for program in "$@"; do
  if [[ $program == -- ]]; then
    expected=0
    continue
  fi
  found=0
  has_orders "$program" || found=$?
  if [[ $found -ne $expected ]]; then
    echo "$program: obeys failpoints: $((1 - found)), expected $((1 - expected))" >&2
    exit 1
  fi
done
[[ $expected -eq 0 ]]
