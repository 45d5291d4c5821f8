#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs every test of a build directory and counts them: tools/run-tests.sh DIR [WORD...]
# First what Meson knows (unit tests, conformance, fuzz seeds), then pytest over the real programs.
set -uo pipefail
cd "$(dirname "$0")/.."
dir=$1
shift
log=$dir/test-log.txt

# A build without the services has tests of libcedar only.
has_services=no
[ ! -e "$dir/bin/auth-service" ] || has_services=yes
run_pytest() {
    IRONWOOD_BIN_DIR=$PWD/$dir/bin /usr/bin/python3 -m pytest -q -p no:cacheprovider "$@" tests/service
}

# A word that selects nothing is a mistake: a run of no tests must not look like success.
names=() unknown=()
if [ $# -gt 0 ]; then
    all=$(meson test -C "$dir" --list 2>/dev/null | sed -n 's/^ironwood://; s/.* \/ //p')
    for word in "$@"; do
        before=${#names[@]}
        while read -r name; do names+=("$name"); done < <(grep -F -- "$word" <<<"$all")
        [ ${#names[@]} -eq "$before" ] || continue
        [ $has_services = yes ] && run_pytest --collect-only -k "$word" >/dev/null 2>&1 ||
            unknown+=("$word")
    done
fi
if [ ${#unknown[@]} -gt 0 ]; then
    for word in "${unknown[@]}"; do
        printf 'ironwood: no test of %s has a name that contains "%s"\n' "$dir" "$word" >&2
    done
    echo "  their names: meson test -C $dir --list, and the functions and files of tests/service" >&2
    exit 1
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

status=5 # nothing was run
results=$dir/pytest.xml
rm -f "$results"
select=()
if [ $# -gt 0 ]; then
    expression=$(printf ' or %s' "$@")
    select=(-k "${expression# or }")
fi
if [ $has_services = yes ]; then
    run_pytest --junit-xml="$results" "${select[@]}"
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
