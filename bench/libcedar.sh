#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The figures of libcedar in bench/README.md, one after the other: bench/libcedar.sh [BUILD_DIR]
# Comparisons that need other packages say "skipped" without them. Takes about eight minutes.
set -uo pipefail
cd "$(dirname "$0")/.."
build=${1:-build}
status=0
show() { # TITLE COMMAND...
    printf '\n== %s: %s\n' "$1" "${*:2}"
    "${@:2}" || status=1
}
show "three applications" "$build/bench/cedar_oopsla"
show "growing sets" "$build/bench/cedar_growth"
show "growing stores" "$build/bench/cedar_entities"
show "versions of stores" "$build/bench/cedar_updates"
show "validation" "$build/bench/cedar_validate"
show "the reference in native code" bench/native.sh "$build"
corpus=${CEDAR_CORPUS:-../shared/corpus}
if [ -f "$corpus/cedar-corpus.tar.xz" ]; then
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    tar -xJf "$corpus/cedar-corpus.tar.xz" -C "$scratch"
    corpus=$scratch
fi
show "the reference in WebAssembly" node bench/cedar_wasm.mjs "$corpus/cases" 300 "$build"
exit $status
