#!/usr/bin/env bash
# Runs advice.py on the whole tree, with the command line of this build.
set -eu
runfiles=$TEST_SRCDIR/$TEST_WORKSPACE
exec "$(readlink -f "$runfiles/testing/presubmit/advice.py")" "$runfiles/cli/drover"
