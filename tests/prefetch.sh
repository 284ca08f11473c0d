#!/bin/sh
# Whether a function that does nothing but sim_prefetch is still called in an optimised build: a compiler that is
# told nothing else takes it for one without effect, and drops the call. Prints one "ok" or "not ok" line.
#
# usage: prefetch.sh ROOT COMPILER...
set -u
root=$1
shift
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cat >"$scratch/fetch.c" <<'C'
#include "sim/compiler.h"
void fetch_for(const char *const *lines, int count);
SIM_NOINLINE static void fetch_all(const char *const *lines, int count)
{
    for (int i = 0; i < count; i++) {
        sim_prefetch(lines[i]);
    }
}
void fetch_for(const char *const *lines, int count)
{
    fetch_all(lines, count);
}
C
"$@" -std=c11 -O3 -I "$root" -S "$scratch/fetch.c" -o "$scratch/fetch.s" || exit 1
if grep -q prefetch "$scratch/fetch.s"; then
    echo 'ok 1 - a function that only fetches lines ahead is called'
else
    echo 'not ok 1 - a function that only fetches lines ahead is called'
    exit 1
fi
