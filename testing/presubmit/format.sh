#!/usr/bin/env bash
# clang-format decides how C++ looks. Mend with: clang-format -i FILE
set -euo pipefail
git ls-files -z '*.h' '*.cc' | xargs -0 clang-format --dry-run --Werror
