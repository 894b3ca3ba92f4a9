#!/usr/bin/env bash
# Runs the benchmarks, on the executable that was just built.
. "$(dirname "$0")/common.sh"
eng/prepare.sh all
[ -x bench/run.sh ] || fail "there is no bench/run.sh in this version"
exec bench/run.sh "$@"
