#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# libFuzzer over the targets: tools/fuzz.sh [--seconds N] [TARGET...]   (./ironwood fuzz)
# New inputs collect in build-fuzz/found/TARGET; a failing one is printed and kept there.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=60
targets=()
while [ $# -gt 0 ]; do
    case $1 in
        --seconds) seconds=${2:?--seconds needs a number}; shift 2 ;;
        --seconds=*) seconds=${1#*=}; shift ;;
        -*) echo "usage: ./ironwood fuzz [--seconds N] [TARGET...]" >&2; exit 2 ;;
        *) targets+=("$1"); shift ;;
    esac
done

dir=build-fuzz
[ -f $dir/build.ninja ] ||
    CC=clang meson setup $dir -Dfuzz=true -Db_sanitize=address,undefined \
        -Db_lundef=false -Dc_args=-fsanitize=fuzzer-no-link >/dev/null
ninja -C $dir fuzz-programs | tail -n 1
if [ ${#targets[@]} -eq 0 ]; then
    for program in "$dir"/fuzz/fuzz_*; do
        if [ -f "$program" ] && [ -x "$program" ]; then
            name=${program##*/}
            targets+=("${name#fuzz_}")
        fi
    done
fi

passed=0 failed=0
for target in "${targets[@]}"; do
    [ -x "$dir/fuzz/fuzz_$target" ] || { echo "there is no target $target" >&2; exit 2; }
    found=$dir/found/$target
    mkdir -p "$found"
    options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -print_final_stats=1
        -artifact_prefix="$found/")
    [ ! -f "fuzz/$target.dict" ] || options+=(-dict="fuzz/$target.dict")
    if "$dir/fuzz/fuzz_$target" "${options[@]}" "$found" "fuzz/seeds/$target" >"$found.log" 2>&1; then
        printf 'ok      %-16s %s runs\n' "$target" \
            "$(sed -n 's/^stat::number_of_executed_units: *//p' "$found.log")"
        passed=$((passed + 1))
    else
        printf 'FAILED  %-16s see %s\n' "$target" "$found.log"
        tail -n 5 "$found.log"
        failed=$((failed + 1))
    fi
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
