#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# libcedar beside the reference implementation, native code on both sides, same cases, same run:
#
#     bench/native.sh [BUILD_DIR]
#
# Needs cargo and the crate cedar-policy; without them it says "skipped" and succeeds. Each request
# is timed hot, policies and entities preloaded; decisions must agree.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build}

skip() { echo "skipped: $*"; exit 0; }
command -v cargo >/dev/null || skip "cargo is not installed"
for program in cedar_cases cedar_oopsla cedar_growth; do
    [ -x "$build/bench/$program" ] || skip "$build/bench/$program is not built"
done
target=$PWD/$build/bench/native
echo "building the reference (once)…" >&2
CARGO_TARGET_DIR=$target cargo build --quiet --release --manifest-path bench/native/Cargo.toml ||
    skip "the reference did not build"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
compare() { # NAME COMMAND...: the command writes the cases
    local name=$1
    shift
    "$@" >"$scratch/cases"
    # Three rounds, the best time of each request: now and then a whole process is a third slower.
    for round in 1 2 3; do
        "$build/bench/cedar_cases" <"$scratch/cases" >"$scratch/ours$round"
        "$target/release/cedar-native-bench" <"$scratch/cases" >"$scratch/theirs$round"
    done
    paste -d ' ' "$scratch"/ours? "$scratch"/theirs? | NAME=$name python3 -c '
import os, sys
def best(fields): # decision, time, decision, time, …
    return fields[0], min(map(float, fields[1::2]))
rows = [(*best(fields[:6]), *best(fields[6:])) for fields in map(str.split, sys.stdin)]
differ = sum(row[0] != row[2] for row in rows)
quantile = lambda column, part: sorted(row[column] for row in rows)[round((len(rows) - 1) * part)]
print("%-22s %5d requests, %d decisions differ; median %7.0f ns against %10.0f ns: %5.0f times; p99 %7.0f ns against %10.0f ns: %5.0f times"
      % (os.environ["NAME"], len(rows), differ, quantile(1, .5), quantile(3, .5),
         quantile(3, .5) / quantile(1, .5), quantile(1, .99), quantile(3, .99),
         quantile(3, .99) / quantile(1, .99)))
sys.exit(differ != 0)'
}

compare "document sharing" "$build/bench/cedar_oopsla" write 0
compare "repository hosting" "$build/bench/cedar_oopsla" write 1
compare "to-do lists" "$build/bench/cedar_oopsla" write 2
for count in 100 1000 10000 100000; do
    compare "$count policies" "$build/bench/cedar_growth" write "$count"
done
