#!/bin/sh
# How costs grow with parallelism and with simulated time, as tables, charts and exponents:
# sh bench/scale.sh [TIMES]. Every point is the best of TIMES runs (3), in time of the processor. The data stay in
# build/scale, the charts go to docs/images; docs/performance.md has what came out.
set -u
top=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd) || exit 1
. "$top/tests/support/setup.sh"
times=${1:-3}
out=$top/build/scale
need_packages gcc libc6-dev pkg-config meson ninja-build libgsl-dev libfyaml-dev gnuplot-nox || exit 1
build_tree "$top/build/release" $(release_options) || exit 1
ninja -C "$top/build/release" bench/bench_run bench/bench_scale >/dev/null || exit 1
mkdir -p "$out"

# The line with the smallest number in column $1 of what the rest of the command line prints.
best() {
    column=$1
    shift
    n=0
    while [ "$n" -lt "$times" ]; do
        "$@" || return 1
        n=$((n + 1))
    done | sort -g -k "$column,$column" | head -n 1
}

: >"$out/parallelism.dat"
for parallelism in 10 17 30 55 100 170 300 550 1000; do
    best 7 "$top/build/release/bench/bench_scale" run "$top/bench/scale.yaml" "$parallelism" >>"$out/parallelism.dat"
done
: >"$out/queue.dat"
for size in 32764B 4kB 1kB 100B; do
    "$top/build/release/bench/bench_scale" queue "$top/bench/scale.yaml" 100 "$size" >>"$out/queue.dat"
done
: >"$out/time.dat"
for seconds in 10 20 40 80 160 320; do
    best 3 "$top/build/release/bench/bench_run" "$top/scenarios/log-analytics.yaml" "run.duration=${seconds}s" \
        >>"$out/time.dat"
done

echo 'parallelism, channels, s to build, bytes a channel at rest (asked, resident) and at work, ns an event, events a record, s a simulated s, peak MiB'
cat "$out/parallelism.dat"
echo 'parallelism, queued buffers, records in flight, bytes for them, bytes a buffer'
cat "$out/queue.dat"
echo 'simulated s, events, s, million events/s, ...'
cat "$out/time.dat"
cd "$out" && gnuplot -e "images='$top/docs/images'" "$top/bench/scale.gp"
