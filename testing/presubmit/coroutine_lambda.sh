#!/usr/bin/env bash
# g++ 12.2 corrupts memory when a capturing lambda, or an aggregate, is made inside a co_await
# expression: give it a name first. Finds the lambdas, also where the expression spans lines.
set -eu
# shellcheck disable=SC2016  # The variables are Perl's.
git ls-files -z '*.h' '*.cc' | xargs -0 -r perl -0777 -ne '
  while (/\bco_await\b([^;{}]*?)\[\s*(?:[=&]|this\b|\w)[^\]]*\]\s*(?:\([^()]*\)\s*)?(?:mutable\s*)?(?:->[^{;]*)?\{/g) {
    my $line = 1 + (substr($_, 0, $-[0]) =~ tr/\n//);
    print "$ARGV:$line: a capturing lambda inside co_await: give it a name first (g++ 12)\n";
    $bad = 1;
  }
  END { exit($bad ? 1 : 0) }'
