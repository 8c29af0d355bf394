#!/usr/bin/env bash
# What we show people is right. usage: examples_test.sh DROVER
set -euo pipefail
drover=$1
checked=0
for folder in examples/*/; do
  "$drover" config check "$folder"deployment.yml "$folder"application.yml
  checked=$((checked + 1))
done
for deployment in examples/deploy-node*.yml; do
  "$drover" config check "$deployment" examples/redis-application.yml
  checked=$((checked + 1))
done
[[ $checked -ge 10 ]] || { echo "only $checked examples were found" >&2; exit 1; }
