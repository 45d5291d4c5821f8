#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs every test of a build directory and counts them: tools/run-tests.sh DIR [WORD...]
# First what Meson knows (unit tests, conformance, fuzz seeds), then pytest over the real programs.
set -uo pipefail
cd "$(dirname "$0")/.."
dir=$1
shift
log=$dir/test-log.txt

names=()
if [ $# -gt 0 ]; then
    for word in "$@"; do
        while read -r name; do names+=("$name"); done < <(
            meson test -C "$dir" --list 2>/dev/null | sed 's/.* \/ //; s/^ironwood://' | grep -F -- "$word")
    done
fi

passed=0 failed=0 skipped=0
if [ $# -eq 0 ] || [ ${#names[@]} -gt 0 ]; then
    meson test -C "$dir" --no-rebuild --print-errorlogs --timeout-multiplier 3 "${names[@]}" 2>&1 | tee "$log"
    count() { sed -n "s/^$1: *\([0-9]*\).*/\1/p" "$log" | tail -n 1; }
    passed=$(($(count Ok) + 0))
    skipped=$(($(count Skipped) + 0))
    failed=$(($(count Fail) + $(count Timeout) + $(count 'Unexpected Pass')))
    [ $((passed + failed + skipped)) -gt 0 ] || failed=1 # the runner itself failed
    grep -h -o 'SKIP: .*' "$dir/meson-logs/testlog.txt" | sort -u || true
fi

# A build without the services has tests of libcedar only.
status=5 # nothing was run
results=$dir/pytest.xml
rm -f "$results"
select=()
if [ $# -gt 0 ]; then
    expression=$(printf ' or %s' "$@")
    select=(-k "${expression# or }")
fi
if [ -e "$dir/bin/auth-service" ]; then
    IRONWOOD_BIN_DIR=$PWD/$dir/bin /usr/bin/python3 -m pytest -q -p no:cacheprovider \
        --junit-xml="$results" tests/service "${select[@]}"
    status=$?
fi
if [ -f "$results" ]; then
    read -r total bad skips < <(/usr/bin/python3 - "$results" <<'EOF'
import sys, xml.etree.ElementTree as tree
suite = next(tree.parse(sys.argv[1]).iter("testsuite"))
get = lambda key: int(suite.get(key, 0))
print(get("tests"), get("failures") + get("errors"), get("skipped"))
EOF
    )
    passed=$((passed + total - bad - skips))
    failed=$((failed + bad))
    skipped=$((skipped + skips))
elif [ $status -ne 5 ]; then
    failed=$((failed + 1))
fi

if [ "$skipped" -gt 0 ]; then
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
else
    printf '%d passed, %d failed\n' "$passed" "$failed"
fi
[ "$failed" -eq 0 ]
