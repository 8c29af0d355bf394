#!/usr/bin/env bash
# clang-tidy on the .cc files that differ from BASE (default: main). Generated headers come from the
# last build.
set -eu
base=${BASE:-$(git merge-base HEAD main)}
mapfile -t files < <(git diff --name-only --diff-filter=d "$base" -- '*.cc')
[ ${#files[@]} -gt 0 ] || exit 0
generated=$(bazel info bazel-bin 2>/dev/null)
includes=(-I. "-I$generated")
for folder in "$generated"/proto/drover/*/v1/_virtual_includes/*/; do includes+=("-I$folder"); done
for folder in "$generated"/proto/drover/*/*/v1/_virtual_includes/*/; do includes+=("-I$folder"); done
clang-tidy --quiet "${files[@]}" -- -std=c++20 "${includes[@]}"
