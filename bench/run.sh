#!/bin/sh
# How fast a whole job runs, and whether memory grows with simulated time: sh bench/run.sh [SCENARIO]
# How fast the engine is beside others: sh bench/run.sh engine [OPTIONS], which bench/README.md explains
set -u
top=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd) || exit 1
. "$top/tests/support/setup.sh"
if [ "${1:-}" = engine ]; then
    shift
    need_packages gcc libc6-dev pkg-config meson ninja-build libgsl-dev libfyaml-dev python3 || exit 1
    exec python3 "$top/bench/engine.py" "$@"
fi
scenario=${1:-$top/scenarios/log-analytics.yaml}
need_packages gcc libc6-dev pkg-config meson ninja-build libgsl-dev libfyaml-dev || exit 1
build_tree "$top/build/release" $(release_options) || exit 1
ninja -C "$top/build/release" bench/bench_run >/dev/null || exit 1
printf '%s\n' "$(basename -- "$scenario"), one core"
printf '%-14s %12s %10s %14s %14s %12s\n' 'simulated s' events seconds 'M events/s' 'records/s' 'peak MiB'
for duration in 20s 80s; do
    "$top/build/release/bench/bench_run" "$scenario" "run.duration=$duration" || exit 1
done
