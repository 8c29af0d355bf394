#!/usr/bin/env bash
# clang-format decides how C++ looks. Mend with: clang-format -i FILE
set -eu
git ls-files -z '*.h' '*.cc' | xargs -0 -r clang-format --dry-run --Werror
