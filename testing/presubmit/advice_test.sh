#!/usr/bin/env bash
# sh_test, since py_test of Debian's Bazel wants a Python toolchain that does not exist offline.
set -eu
exec python3 "$TEST_SRCDIR/$TEST_WORKSPACE/testing/presubmit/advice_test.py"
