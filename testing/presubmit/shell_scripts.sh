#!/usr/bin/env bash
# Every shell script, known by its first line, passes shellcheck.
set -euo pipefail
git ls-files -z | xargs -0 grep -lZ -m1 -E '^#!.*\b(ba)?sh$' -- | xargs -0 shellcheck
