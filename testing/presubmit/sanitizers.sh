#!/usr/bin/env bash
# ASan+UBSan and TSan where they pay: the coroutine adaptors, and every domain and driver. Needs no
# root, so tests tagged so are left out.
set -eu
targets='set()'
for folder in services/common/async services/*/domain services/*/driver services/*/orchestrator; do
  [ -e "$folder/BUILD.bazel" ] && targets="$targets union tests(//$folder/...)"
done
query="($targets) except attr(tags, root, $targets)"
mapfile -t tests < <(bazel query "$query" 2>/dev/null)
bazel test --config=asan "${tests[@]}"
# Debian's gRPC is not instrumented: what its threads do looks like races.
bazel test --config=tsan \
  --test_env=TSAN_OPTIONS="ignore_noninstrumented_modules=1 suppressions=$PWD/testing/presubmit/tsan.supp" \
  "${tests[@]}"
