#!/usr/bin/env bash
# AddressSanitizer and UndefinedBehaviorSanitizer, in one build, over the tests of what decides and of
# what carries it out: domain, async, drivers, stores and back ends, simulation. ThreadSanitizer where
# threads meet: async, drivers, simulation. Tests that need root are left out, but for the back ends'
# contracts, if you are root.
#
#   testing/presubmit/sanitizers.sh                               all of it
#   testing/presubmit/sanitizers.sh asan                          one of asan (both), tsan
#   testing/presubmit/sanitizers.sh asan //services/volume/...    of these tests only
set -eu
cd "$(dirname "$(readlink -f "$0")")/../.."

threads='//services/common/async/... //services/container/driver/... //services/coordinator/orchestrator/...
  //services/proxy/driver/... //services/volume/driver/... //services/volume/testing/... //testing/simulation:simulation_test'
all="$threads //services/common/process/... //services/coordinator/...
  //services/container/domain/... //services/container/backend/... //services/container/store/...
  //services/proxy/domain/... //services/proxy/backend/...
  //services/volume/domain/... //services/volume/backend/..."
contracts='//services/container/backend:engine_contract_test //services/proxy/backend:kernel_table_contract_test
  //services/volume/backend:btrfs_backend_test //services/volume/backend:zfs_backend_test'

run() {
  local config=$1 targets=$2 tests rooted=
  [ "$(id -u)" -ne 0 ] || rooted="union (set($contracts) intersect tests(set($targets)))"
  tests=$(bazel query "(tests(set($targets)) except attr(tags, '\broot\b', tests(set($targets)))) $rooted" 2>/dev/null)
  [ -n "$tests" ] || { echo "sanitizers: no tests in $targets"; return 1; }
  # Debian's gRPC is not instrumented: what its threads do looks like races. A seed of the simulation takes ten times as long.
  # shellcheck disable=SC2086  # One target per word.
  bazel test --config="$config" --test_env=DROVER_SIMULATION_SEEDS=1000 \
    --test_env=TSAN_OPTIONS="ignore_noninstrumented_modules=1 suppressions=$PWD/testing/presubmit/tsan.supp" \
    $tests
}

case "${1:-all}" in
  asan) run asan "${2:-$all}" ;;
  tsan) run tsan "${2:-$threads}" ;;
  all)
    run asan "$all"
    run tsan "$threads"
    ;;
  *)
    echo "usage: sanitizers.sh [asan|tsan [TARGETS]]"
    exit 2
    ;;
esac
