#!/usr/bin/env bash
# AddressSanitizer and UndefinedBehaviorSanitizer, in one build, over the tests of what decides and of
# what carries it out: domain, common, drivers, stores and back ends, simulation. ThreadSanitizer where
# threads meet: common, drivers, simulation. Tests that need root are left out, but for the back ends'
# contracts, if you are root. Each run ends with a line that says what passed.
#
#   testing/presubmit/sanitizers.sh                               all of it
#   testing/presubmit/sanitizers.sh asan                          one of asan (both), tsan
#   testing/presubmit/sanitizers.sh asan //services/volume/...    of these tests only
set -eu
cd "$(dirname "$(readlink -f "$0")")/../.."

threads='//services/common/... //services/container/driver/... //services/coordinator/orchestrator/...
  //services/proxy/driver/... //services/volume/driver/... //services/volume/testing/... //testing/simulation:simulation_test'
all="$threads //services/coordinator/...
  //services/container/domain/... //services/container/backend/... //services/container/store/...
  //services/proxy/domain/... //services/proxy/backend/...
  //services/volume/domain/... //services/volume/backend/..."
contracts='//services/container/backend:engine_contract_test //services/proxy/backend:kernel_table_contract_test
  //services/volume/backend:btrfs_backend_test //services/volume/backend:zfs_backend_test'

run() {
  local config=$1 targets=$2 tests rooted='' since logs status=0
  [ "$(id -u)" -ne 0 ] || rooted="union (set($contracts) intersect tests(set($targets)))"
  tests=$(bazel query "(tests(set($targets)) except attr(tags, '\broot\b', tests(set($targets)))) $rooted" 2>/dev/null)
  [ -n "$tests" ] || { echo "sanitizers: no tests in $targets"; return 1; }
  since=$(mktemp)
  # All of them run, whatever passed before. A seed of the simulation takes ten times as long.
  # shellcheck disable=SC2086  # One target per word.
  bazel test --config="$config" --keep_going --nocache_test_results --test_env=DROVER_SIMULATION_SEEDS=1000 \
    $tests || status=$?
  logs=$(bazel info bazel-testlogs 2>/dev/null)
  # shellcheck disable=SC2086
  testing/presubmit/sanitizer_summary.py "$config" "$logs" "$since" $tests || status=1
  rm "$since"
  return "$status"
}

status=0
case "${1:-all}" in
  asan) run asan "${2:-$all}" || status=1 ;;
  tsan) run tsan "${2:-$threads}" || status=1 ;;
  all)
    run asan "$all" || status=1
    run tsan "$threads" || status=1
    ;;
  *)
    echo "usage: sanitizers.sh [asan|tsan [TARGETS]]"
    exit 2
    ;;
esac
exit "$status"
