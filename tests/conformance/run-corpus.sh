#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the public Cedar corpus, which is not part of this repository:
#   run-corpus.sh SOURCE CORPUS [SCHEMAS]
# It is looked for in $CEDAR_CORPUS, then beside the source tree in ../shared/corpus: a directory
# of cases, or one that holds cedar-corpus.tar.xz. Exit status 77 (skipped) when it is not there.
set -euo pipefail
dir=${CEDAR_CORPUS:-$1/../shared/corpus}

if [ -f "$dir/cedar-corpus.tar.xz" ]; then
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    tar -xJf "$dir/cedar-corpus.tar.xz" -C "$scratch"
    dir=$scratch
elif [ ! -d "$dir/cases" ] && ! compgen -G "$dir/*.json" >/dev/null; then
    echo "SKIP: conformance/corpus: there is no corpus in $dir (set CEDAR_CORPUS)"
    exit 77
fi
if [ $# -gt 2 ] && [ -d "$dir/schemas-json" ]; then
    echo "schemas in both forms:"
    "$3" "$dir"
    echo "requests:"
fi
"$2" "$dir"
