#!/usr/bin/env bash
# Runs layering.py on the whole tree: the test's link to it leads into the workspace.
set -eu
exec python3 "$(readlink -f "$TEST_SRCDIR/$TEST_WORKSPACE/testing/presubmit/layering.py")"
