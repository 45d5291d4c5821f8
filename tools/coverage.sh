#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Line coverage per file of a build that ran its tests with -Db_coverage=true.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=$1
report=$dir/coverage.txt
find "$dir/src" -name '*.gcda' -print0 | sort -z | xargs -0 gcov -n -r -s "$PWD" 2>/dev/null |
    awk '/^File / {file = $2; gsub("\x27", "", file)}
         /^Lines executed/ && file ~ /^src\// {
             split($0, part, /[:% ]+/); percent = part[3]; lines = part[5]
             if (!(file in best) || percent > best[file]) { best[file] = percent; count[file] = lines }
         }
         END {for (f in best) {
                  printf "%6.1f %% of %5d  %s\n", best[f], count[f], f
                  hit += best[f] * count[f] / 100; all += count[f]
              }
              printf "%6.1f %% of %5d  in all\n", all ? 100 * hit / all : 0, all}' | sort -k 6 >"$report"
tail -n 1 <(grep 'in all' "$report")
echo "per file: $report"
