#!/usr/bin/env bash
# The examples in config/ are right: each daemon takes its own, and the systemd units mean the same files and folders.
set -euo pipefail
cd "$TEST_SRCDIR/$TEST_WORKSPACE"

fail() { echo "$*" >&2; exit 1; }

# with EXAMPLE KEY=VALUE…: a copy of the example with other values.
with() {
  local example=$1 copy=$TEST_TMPDIR/$1.yml pair
  shift
  cp -L "packaging/config/$example.yml" "$copy"
  for pair in "$@"; do
    grep -qE "^ *${pair%%=*}: " "$copy" || fail "$example.yml lacks ${pair%%=*}"
    sed -i -E "s|^( *)${pair%%=*}: .*|\1${pair%%=*}: ${pair#*=}|" "$copy"
  done
  echo "$copy"
}
# expect_end PATTERN COMMAND…: the command fails, and says why.
expect_end() {
  local pattern=$1 output
  shift
  if output=$("$@" 2>&1); then fail "$* ended well"; fi
  grep -qE -- "$pattern" <<<"$output" || fail "$* did not say \"$pattern\" but: $output"
}

# As far as a daemon gets without a certificate: the whole file has been read by then.
for daemon in coordinator volume container proxy; do
  program=services/$daemon/drover-$daemon
  expect_end 'tls_dir: ' "$program" --config "$(with "$daemon" tls_dir="$TEST_TMPDIR/none" state_dir="$TEST_TMPDIR")"
done

# With one, these two go on to what only they need.
cli/drover ca init --cluster prod --dir "$TEST_TMPDIR/ca"
cli/drover ca issue node node1 --dir "$TEST_TMPDIR/ca" --out "$TEST_TMPDIR/tls"
mkdir -p "$TEST_TMPDIR/pool"
expect_end "$TEST_TMPDIR/pool" services/volume/drover-volume --config \
  "$(with volume tls_dir="$TEST_TMPDIR/tls" state_dir="$TEST_TMPDIR" path="$TEST_TMPDIR/pool")"
expect_end 'there is no .*/no-gate' services/container/drover-container --config \
  "$(with container tls_dir="$TEST_TMPDIR/tls" state_dir="$TEST_TMPDIR" gate="$TEST_TMPDIR/no-gate")"

for daemon in coordinator volume container proxy; do
  unit=packaging/systemd/drover-$daemon.service
  grep -qx "ExecStart=/usr/bin/drover-$daemon --config /etc/drover/$daemon.yml" "$unit" || fail "$unit starts another file"
  folder=$(sed -n 's/^StateDirectory=//p' "$unit")
  grep -qx "state_dir: /var/lib/$folder" "packaging/config/$daemon.yml" || fail "$unit makes another state_dir"
done
