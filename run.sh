#!/bin/sh
# Run a scenario, with charts: sh run.sh SCENARIO [OPTIONS of sluice run]
#
# Installs the Debian packages that are missing, builds an optimised sluice in build/release, and
# hands its arguments to `sluice run --plot`. Nothing else on the system is changed.
set -u
top=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd) || exit 1
. "$top/tests/support/setup.sh"

if [ $# -eq 0 ]; then
    say "which scenario? For example: sh run.sh scenarios/log-analytics.yaml"
    exit 2
fi
need_packages gcc libc6-dev pkg-config meson ninja-build libgsl-dev libfyaml-dev gnuplot-nox || exit 1
build_tree "$top/build/release" $(release_options) || exit 1
exec "$top/build/release/cli/sluice" run --plot "$@"
