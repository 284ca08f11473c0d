#!/bin/sh
# The checks that take too long for every change: sh tests/long.sh [--without WORD]
#
# Nearly all warnings of clang as errors, the whole suite built by clang, the same results
# from both compilers at different levels of optimisation, fuzzing (FUZZ_SECONDS a target, 60 by default),
# the thread sanitizer where threads exist, all invariants in every scenario, and whether the tests notice
# when single rules of the model are broken. Writes what came out to docs/long-tests.md; the exit
# status is 0 when all went well. Steps with WORD in their names are not run, and the page says so.
set -u
top=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd) || exit 1
. "$top/tests/support/setup.sh"
seconds=${FUZZ_SECONDS:-60}
report=$top/docs/long-tests.md
table=$(mktemp) logs=$(mktemp -d) || exit 1
trap 'rm -rf "$table" "$logs"' EXIT
failures=0
without=
[ "${1:-}" != --without ] || without=${2:?which steps?}

# Run step "$2..." under the name $1, and note its outcome and how long it took.
step() {
    step=$1
    shift
    if [ -n "$without" ] && [ "${step#*"$without"}" != "$step" ]; then
        printf '| %s | not run | | |\n' "$step" >>"$table"
        return
    fi
    say "$step"
    began=$(date +%s)
    if "$@" >"$logs/step" 2>&1; then
        outcome=passed
    else
        outcome=FAILED
        failures=$((failures + 1))
        cat "$logs/step" >&2
    fi
    detail=$(sed -n 's/^RESULT: //p' "$logs/step" | tail -1)
    printf '| %s | %s | %s | %d s |\n' "$step" "$outcome" "${detail:-}" \
        "$(($(date +%s) - began))" >>"$table"
}

# Run the suite of build folder $1.
suite() {
    rm -f "$1/meson-logs/testlog.json"
    meson test -C "$1" --no-rebuild --print-errorlogs --timeout-multiplier 4 </dev/null
    status=$?
    counts=$(python3 "$top/tests/support/count.py" "$1/meson-logs/testlog.json") || return 1
    set -- $counts
    echo "RESULT: $1 passed, $2 failed, $3 skipped"
    return $status
}

# What is left out is of no use in C11: padding, declarations after statements, exhaustive switches
# with a default, formats handed on to vfprintf, exact comparison of doubles that were assigned, and
# what macros of the C library and of cmocka do.
clang_warnings() {
    CC=clang build_tree "$top/build/long-clang" --werror -Dc_args="-Weverything -Wno-padded \
-Wno-declaration-after-statement -Wno-float-equal -Wno-covered-switch-default -Wno-switch-enum \
-Wno-disabled-macro-expansion -Wno-unused-parameter -Wno-documentation-unknown-command \
-Wno-reserved-identifier -Wno-reserved-id-macro -Wno-format-nonliteral -Wno-bad-function-cast \
-Wno-cast-qual -Wno-string-conversion -Wno-missing-noreturn -Wno-double-promotion \
-Wno-extra-semi-stmt -Wno-assign-enum -Wno-missing-field-initializers"
}

# The same scenario and seed give the same bytes, whoever compiled sluice and however.
same_bytes() {
    CC=gcc build_tree "$top/build/long-O3" $(CC=gcc release_options) --werror || return 1
    CC=clang build_tree "$top/build/long-O1" -Doptimization=1 -Dtests=false || return 1
    for name in burst hot-key recommendation; do
        for level in O3 O1; do
            "$top/build/long-$level/cli/sluice" run "$top/scenarios/$name.yaml" \
                -o "$logs/$name-$level" >"$logs/$name-$level.out" 2>/dev/null || return 1
        done
        for file in series.csv summary.csv summary.json; do
            cmp "$logs/$name-O3/$file" "$logs/$name-O1/$file" || return 1
        done
    done
    echo "RESULT: gcc -O3 and clang -O1 agree on 3 scenarios"
}

fuzzing() {
    CC=clang build_tree "$top/build/long-fuzz" -Dfuzz=true -Db_sanitize=address,undefined \
        -Db_lundef=false || return 1
    [ -f "$top/tests/fuzz/lsan.supp" ] &&
        export LSAN_OPTIONS="suppressions='$top/tests/fuzz/lsan.supp':print_suppressions=0"
    count=0
    for target in "$top"/build/long-fuzz/tests/fuzz_*; do
        name=$(basename -- "$target")
        [ -f "$target" ] && [ -x "$target" ] && [ "$name" = "${name%_corpus}" ] || continue
        mkdir -p "$logs/$name"
        cp "$top/tests/fuzz/corpus/${name#fuzz_}/"* "$logs/$name"
        "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
            -artifact_prefix="$top/build/long-fuzz/" "$logs/$name" "$top/scenarios" || return 1
        count=$((count + 1))
    done
    echo "RESULT: $count targets, $seconds s each"
    [ "$count" -gt 0 ]
}

threads() {
    if ! grep -rlq pthread_create "$top/sim" "$top/models" "$top/studies" "$top/cli"; then
        echo "RESULT: no threads yet"
        return 0
    fi
    build_tree "$top/build/long-threads" -Db_sanitize=thread -Db_lundef=false || return 1
    suite "$top/build/long-threads"
}

# Break single rules of the model and see whether its tests notice; writes docs/mutants.md.
mutants() {
    PYTHONDONTWRITEBYTECODE=1 python3 "$top/tests/mutants/mutants.py" --jobs "$(nproc)" \
        --report "$top/docs/mutants.md"
}

# Every shipped scenario to its end with all invariants checked after every event. Status 4 is an answer.
audits() {
    CC=gcc build_tree "$top/build/long-O3" $(CC=gcc release_options) --werror || return 1
    count=0
    for scenario in "$top"/scenarios/*.yaml; do
        "$top/build/long-O3/cli/sluice" run "$scenario" --audit -o "$logs/audit" >/dev/null
        status=$?
        [ $status -eq 0 ] || [ $status -eq 4 ] || return 1
        count=$((count + 1))
    done
    echo "RESULT: $count scenarios, no invariant broken"
}

# 200 studies of each queue with 10^5 customers a replication: how often the intervals cover.
coverage() {
    SLUICE_LONG=1 "$top/build/long-O3-tests/tests/test_coverage" 2>&1 | tee "$logs/coverage"
    echo "RESULT: $(sed -n 's/^\([0-9]* of 200\).*/\1/p' "$logs/coverage" | tr '\n' ',' | sed 's/,$//; s/,/, /g') \
(two queues cover, sequential stopping covers, equal ones called different)"
    grep -q 'PASSED.*4 test' "$logs/coverage" && ! grep -q FAILED "$logs/coverage"
}

full_coverage() {
    CC=gcc build_tree "$top/build/long-O3-tests" --buildtype=release && coverage
}

# The commands of docs/findings.md, and whether they say what stands there.
findings() {
    SLUICE=$top/build/long-O3/cli/sluice sh "$top/docs/findings/run.sh" "$logs/findings" >/dev/null &&
        python3 "$top/tests/findings.py" "$top" "$logs/findings"
}

need_packages gcc libc6-dev pkg-config meson ninja-build libgsl-dev libfyaml-dev gnuplot-nox \
    libcmocka-dev clang || exit 1
step 'clang, -Weverything as errors' clang_warnings
step 'whole suite, built by clang' suite "$top/build/long-clang"
step 'same bytes from any compiler' same_bytes
step 'fuzzing with ASan and UBSan' fuzzing
step 'whole suite under TSan' threads
step 'coverage of intervals, 10^5 customers' full_coverage
step 'every scenario in full under --audit' audits
step 'figures of docs/findings.md' findings
step 'broken rules are noticed' mutants

{
    printf '# Long tests\n\nThe last run of `sh tests/long.sh`, which writes this page.\n\n'
    printf -- '- Date: %s\n- Version: %s\n- Compilers: %s; %s\n\n' "$(date -u +%Y-%m-%d)" \
        "$(git -C "$top" rev-parse --short HEAD 2>/dev/null || echo unknown)" \
        "$(gcc --version | head -1)" "$(clang --version | head -1)"
    printf '| step | outcome | detail | time |\n| --- | --- | --- | --- |\n'
    cat "$table"
} >"$report"
cat "$report"
[ "$failures" -eq 0 ]
