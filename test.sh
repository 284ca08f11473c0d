#!/bin/sh
# Build sluice and run all its tests: sh test.sh
#
# Installs the Debian packages that are missing; then the whole suite runs in a plain build and in
# one with the address and undefined-behaviour sanitizers, and README's other command, run.sh, once.
# The last line is "N passed, N failed"; the exit status is 0 when none failed.
set -u
top=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd) || exit 1
. "$top/tests/support/setup.sh"
passed=0 failed=0 skipped=0

finish() {
    line="$passed passed, $failed failed"
    [ "$skipped" -eq 0 ] || line="$line, $skipped skipped"
    printf '%s\n' "$line"
    [ "$failed" -eq 0 ]
    exit
}

# One more test without a program of its own: count "$@" as passed or failed.
check() {
    name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED: %s\n' "$name"
        return 1
    fi
}

# Build folder $1 with meson's options "$@" after its time-out multiplier $2, run its suite and add
# up its tests. The build itself counts as a test; the plain one must be free of warnings (with
# sanitizers gcc warns of what cannot happen).
run_suite() {
    folder=$1 multiplier=$2
    shift 2
    check "build of $folder" build_tree "$folder" "$@" || return
    rm -f "$folder/meson-logs/testlog.json"
    meson test -C "$folder" --no-rebuild --print-errorlogs --timeout-multiplier "$multiplier" </dev/null
    counts=$(python3 "$top/tests/support/count.py" "$folder/meson-logs/testlog.json") || counts='0 1 0'
    set -- $counts
    passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

# run.sh on the scenario that README names, from another directory, headless.
run_example() {
    scratch=$(mktemp -d) || return 1
    mkdir "$scratch/a folder" && cd "$scratch/a folder" &&
        sh "$top/run.sh" "$top/scenarios/log-analytics.yaml" -o "results of run" \
            >"$scratch/out" 2>"$scratch/err" </dev/null &&
        [ -s "$scratch/out" ] && [ -s "results of run/summary.csv" ] &&
        ls "results of run/charts/"*.svg "results of run/charts/"*.png >/dev/null 2>&1
    status=$?
    [ $status -eq 0 ] || cat "$scratch/out" "$scratch/err"
    cd "$top" && rm -rf "$scratch"
    return $status
}

need_packages gcc libc6-dev pkg-config meson ninja-build libgsl-dev libfyaml-dev gnuplot-nox \
    libcmocka-dev || { failed=1; finish; }

suppressions=$top/tests/fuzz/lsan.supp
[ -f "$suppressions" ] && export LSAN_OPTIONS="suppressions='$suppressions':print_suppressions=0"
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

run_suite "$top/build/plain" 1 --werror
run_suite "$top/build/sanitize" 4 -Db_sanitize=address,undefined -Doptimization=1
check 'run.sh scenarios/log-analytics.yaml' run_example
finish
