#!/usr/bin/env bash
# Runs one check of this folder on the whole tree: the test's link to it leads into the workspace.
#   quick_check.sh CHECK
set -eu
check=$(readlink -f "$TEST_SRCDIR/$TEST_WORKSPACE/testing/presubmit/$1")
cd "$(dirname "$check")/../.."
exec "$check"
