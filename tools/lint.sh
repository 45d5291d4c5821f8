#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every check of the source: text rules (lint.py), format, headers, exports, libcedar alone.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=0 passed=0

check() { # NAME COMMAND...
    local name=$1 out
    shift
    if out=$("$@" 2>&1); then
        printf 'ok      %s\n' "$name"
        passed=$((passed + 1))
    else
        printf 'FAILED  %s\n%s\n' "$name" "$out"
        failed=$((failed + 1))
    fi
}

files() { git ls-files -co --exclude-standard "$@"; }

format() {
    files '*.c' '*.h' | xargs clang-format --dry-run -Werror
}

# Every header of ours compiles alone; the public one also as C99 and C++.
headers() {
    local header status=0
    for header in $(files 'src/*.h'); do
        case $header in
            src/base/* | src/cedar/*) set -- -std=c17 -Wpedantic ;;
            *) set -- -std=gnu17 ;;
        esac
        gcc "$@" -Wall -Wextra -Werror -fsyntax-only -Isrc -Iinclude -include "$header" \
            -x c /dev/null || status=1
    done
    return $status
}
public_header() {
    gcc -std=c99 -pedantic -Wall -Wextra -Werror -fsyntax-only -Iinclude -include cedar.h -x c /dev/null &&
        g++ -std=c++11 -pedantic -Wall -Wextra -Werror -fsyntax-only -Iinclude -include cedar.h -x c++ /dev/null
}

# libcedar builds with nothing but a compiler and Meson, needs libc alone, exports its list.
cedar_alone() {
    local dir=build-library
    [ -f $dir/build.ninja ] ||
        meson setup $dir -Dlibrary=true -Dservices=false -Dtests=false || return 1
    ninja -C $dir || return 1
}
cedar_library() { find build-library -name 'libcedar.so*' -type f | head -n 1; }
cedar_symbols() {
    local library
    library=$(cedar_library)
    [ -n "$library" ] || { echo "no libcedar.so was built"; return 1; }
    diff -u tools/cedar.symbols <(nm -D --defined-only "$library" | awk '{print $3}' | sed 's/@.*//' | LC_ALL=C sort) &&
        diff -u tools/cedar.symbols <(nm -g --defined-only "${library%.so*}.a" | awk 'NF == 3 {print $3}' | LC_ALL=C sort)
}
# What it takes from libc: nothing that ends the process, reads, writes or knows the time.
cedar_takes() {
    local taken
    taken=$(nm -D --undefined-only "$(cedar_library)" | awk '$1 == "U" {sub(/@.*/, "", $2); print $2}' |
        grep -vxE '(__)?(memchr|memcmp|memcpy|memmove|memset|strlen|strcmp|snprintf|vsnprintf)(_chk)?|free|realloc|__stack_chk_fail')
    [ -z "$taken" ] || { printf 'libcedar.so takes: %s\n' "$taken"; return 1; }
}
cedar_needs() {
    local needed
    needed=$(objdump -p "$(cedar_library)" | awk '/NEEDED/ {print $2}')
    [ "$needed" = libc.so.6 ] || { echo "libcedar.so needs: $needed"; return 1; }
}

# The structures of the header as ctypes has them: others would be read at the wrong place.
python_declarations() {
    local made
    made=$(mktemp)
    if ! python3 tools/python_abi.py "$made" || ! diff -u examples/python/cedar_abi.py "$made"; then
        rm -f "$made"
        echo "run tools/python_abi.py"
        return 1
    fi
    rm -f "$made"
}

warnings_gcc() { warnings gcc build-warn-gcc; }
warnings_clang() { warnings clang build-warn-clang; }
warnings() {
    [ -f "$2/build.ninja" ] || CC=$1 meson setup "$2" --werror || return 1
    # Only what went wrong is worth reading; -k 0 shows all of it at once.
    ninja -C "$2" -k 0 >"$2/log" 2>&1 || { grep -v '^\[' "$2/log"; return 1; }
}

# Two functions with one name in two archives of one program: the linker would take either.
one_definition() {
    local program twice status=0
    for program in auth policy; do
        twice=$(find build-warn-gcc/src -name '*.a' | case $program in
            auth) grep -v -e /policy/ -e /cedar/ -e /cli/ ;;
            policy) grep -v -e /auth/ -e /cli/ ;;
            esac | xargs nm -g --defined-only 2>/dev/null |
            awk '$2 ~ /^[TDBRV]$/ {print $3}' | LC_ALL=C sort | uniq -d)
        [ -z "$twice" ] || { printf '%s-service: defined twice:\n%s\n' "$program" "$twice"; status=1; }
    done
    return $status
}

for text_check in layers banned budgets heads text; do
    check "$text_check" python3 tools/lint.py "$text_check"
done
check "format (clang-format)" format
check "headers compile alone" headers
check "cedar.h is C99 and C++11" public_header
check "ctypes has the structures of cedar.h" python_declarations
check "libcedar builds alone" cedar_alone
check "libcedar exports its list" cedar_symbols
check "libcedar needs libc only" cedar_needs
check "libcedar takes little of it" cedar_takes
if [ -n "${CI:-}" ] || [ "${1:-}" = --all ]; then
    check "no warnings with gcc" warnings_gcc
    check "no warnings with clang" warnings_clang
    check "no name is defined twice" one_definition
fi
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
