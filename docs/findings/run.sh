#!/bin/sh
# Run every command of docs/findings.md, and put its charts, drawn anew, into one folder.
#
#     sh docs/findings/run.sh [FOLDER]      results and charts go to FOLDER, results/ without it
#
# $SLUICE names the program, `sluice` on the path without it. `python3 tests/findings.py . FOLDER` compares the tables of
# the page with what came out, and with --write puts them there.
set -eu
cd "$(dirname "$0")/../.."
out=${1:-results}
N=flink.taskmanager.network.memory

sluice() {
    command "${SLUICE:-sluice}" "$@" || [ $? -eq 4 ] # the answer may be no
}

mkdir -p "$out"
eval "$(sed -n 's/^    //p' docs/findings.md |
    sed -e "s| results/| $out/|g" -e "s|timeout.png|$out/findings-3.png|" -e "s|links.png|$out/findings-6.png|")"
cp "$out/imbalance/charts/compare-heat.png" "$out/findings-1.png"
cp "$out/burst/charts/compare-time.png" "$out/findings-2.png"
cp "$out/hot-key/charts/compare.png" "$out/compare-hot-key.png"
cp "$out/hot-key/charts/compare-time.png" "$out/compare-time.png"
cp "$out/tcp/charts/compare-time.png" "$out/findings-5.png"
cp "$out/links/charts/compare-heat.png" "$out/compare-links.png"
