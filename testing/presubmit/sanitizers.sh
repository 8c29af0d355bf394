#!/usr/bin/env bash
# ASan and UBSan over every test of our own coroutines and of what they carry; TSan where threads
# meet: in the adaptors. Needs no root, so tests tagged so are left out.
#
#   testing/presubmit/sanitizers.sh              all, which takes minutes
#   testing/presubmit/sanitizers.sh asan         one of asan, ubsan, tsan
#   testing/presubmit/sanitizers.sh asan //services/volume/...    of these tests only
set -eu
cd "$(dirname "$(readlink -f "$0")")/../.."

async='//services/common/async/...'
sanitized="set($async //services/common/process/... //services/coordinator/...
  //services/container/domain/... //services/container/driver/... //services/container/store/...
  //services/proxy/domain/... //services/proxy/driver/...
  //services/volume/domain/... //services/volume/backend/... //services/volume/testing/...)"

run() {
  local config=$1 targets=$2 tests
  tests=$(bazel query "tests($targets) except attr(tags, '\broot\b', tests($targets))" 2>/dev/null)
  [ -n "$tests" ] || { echo "sanitizers: no tests in $targets"; return 1; }
  # Debian's gRPC is not instrumented: what its threads do looks like races.
  # shellcheck disable=SC2086  # One target per word.
  bazel test --config="$config" \
    --test_env=TSAN_OPTIONS="ignore_noninstrumented_modules=1 suppressions=$PWD/testing/presubmit/tsan.supp" \
    $tests
}

case "${1:-all}" in
  asan | ubsan) run "$1" "${2:-$sanitized}" ;;
  tsan) run tsan "${2:-$async}" ;;
  all)
    run asan "$sanitized"
    run ubsan "$sanitized"
    run tsan "$async"
    ;;
  *)
    echo "usage: sanitizers.sh [asan|ubsan|tsan [TARGETS]]"
    exit 2
    ;;
esac
