#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs one of the `authorize` examples: run-example.sh PROGRAM [ARGUMENT...]
# It must print examples/authorize.expected, and explain a policy that does not parse.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
diff -u "$here/../../examples/authorize.expected" <("$@")

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
printf 'permit(principal, action, resource)\nwhen { context.hour = 3 };\n' >"$scratch/bad.cedar"
status=0
"$@" "$scratch/bad.cedar" >"$scratch/out" 2>"$scratch/err" || status=$?
[ "$status" = 1 ] && [ ! -s "$scratch/out" ] || { echo "exit status $status, not 1"; exit 1; }
grep -q "/bad.cedar:2:8: error: '=' is not a valid operator" "$scratch/err" &&
    grep -q "help: try using '==' instead" "$scratch/err" || { cat "$scratch/err"; exit 1; }
