#!/usr/bin/env bash
# What we show people is right, and all there. usage: examples_test.sh DROVER
set -euo pipefail
drover=$1
for folder in compose elk fig fig-elk minimal mysql ports postgresql volume; do
  "$drover" config check "examples/$folder/deployment.yml" "examples/$folder/application.yml"
  checked+=("examples/$folder/")
done
for deployment in examples/deploy-node{1,2}.yml; do
  "$drover" config check "$deployment" examples/redis-application.yml
done
diff <(printf '%s\n' "${checked[@]}" | sort) <(printf '%s\n' examples/*/ | sort) || { echo "name the new example above" >&2; exit 1; }
