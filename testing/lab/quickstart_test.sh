#!/usr/bin/env bash
# What ./quickstart says to words that it does not understand: nothing is installed or built for them.
#   quickstart_test.sh QUICKSTART
set -euo pipefail

# expect_refusal MESSAGE WORD…: exit code 2, the message, and how it is used.
expect_refusal() {
  local message=$1 output status=0
  shift
  output=$("$quickstart" "$@" 2>&1) || status=$?
  [[ $status == 2 && $output == "quickstart: $message"$'\n''usage: '* ]] && return
  echo "quickstart $* ended with $status and said: $output" >&2
  exit 1
}

quickstart=$(readlink -f "$1")
expect_refusal 'there is no backend "foo": it is btrfs or zfs' --backend foo
expect_refusal '--backend lacks a value: btrfs or zfs' --yes --backend
expect_refusal 'there is no option "--bogus"' --bogus

# That a lab is up is said before anything is installed or built; here it is only a folder, of which nobody else knows.
((EUID == 0)) || exit 0
output=$(unshare --mount bash -s "$quickstart" <<'END'
mount -t tmpfs none /var/lib && mkdir -p /var/lib/drover-lab/lab && "$1" --yes 2>&1
echo "exit code $?"
END
)
[[ $output == 'quickstart: a lab is up already.'*$'\nexit code 1' ]] || {
  echo "with a lab up it said: $output" >&2
  exit 1
}
