#!/usr/bin/env bash
# What ./quickstart, ./build and ./test say to words that they do not understand, and to those who ask for help: nothing is
# installed or built for it.
#   quickstart_test.sh QUICKSTART BUILD TEST
set -euo pipefail

# expect_refusal MESSAGE SCRIPT WORD…: exit code 2, the message, and how it is used.
expect_refusal() {
  local message=$1 script=$2 output status=0
  shift 2
  output=$("$script" "$@" 2>&1) || status=$?
  [[ $status == 2 && $output == "${script##*/}: $message"$'\n'"usage: ./${script##*/}"* ]] && return
  echo "$script $* ended with $status and said: $output" >&2
  exit 1
}
# expect_help SCRIPT: how it is used, on standard output.
expect_help() {
  local option output status
  for option in -h --help; do
    status=0
    output=$("$1" "$option") || status=$?
    [[ $status == 0 && $output == "usage: ./${1##*/}"* ]] && continue
    echo "$1 $option ended with $status and said: $output" >&2
    exit 1
  done
}

quickstart=$(readlink -f "$1")
expect_refusal 'there is no backend "foo": it is btrfs or zfs' "$quickstart" --backend foo
expect_refusal '--backend lacks a value: btrfs or zfs' "$quickstart" --yes --backend
for script in "$@"; do
  script=$(readlink -f "$script")
  expect_refusal 'there is no option "--bogus"' "$script" --bogus
  expect_help "$script"
done

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
