#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares libcedar with the reference on made-up cases; see README.md.

run.py --build DIR [--cases N] [--seed S] [--reference COMMAND] [--show N]

Exit code 0: no difference.
"""
import argparse
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time

import compare

HERE = pathlib.Path(__file__).resolve().parent
CHUNK = 2000
NEAR_SHARE = 500  # one case in so many may be "near"; more of them are a difference


def answer(command, cases, answers):
    with open(cases) as source, open(answers, "w") as target:
        subprocess.run(command, stdin=source, stdout=target, check=True)


def run_chunk(args, first, count, directory):
    programs = pathlib.Path(args.build) / "tests/differential"
    cases, ours, theirs = (directory / name for name in ("cases", "ours", "theirs"))
    with open(cases, "w") as target:
        subprocess.run([programs / "generate", "--seed", str(args.seed), "--first", str(first),
                        "--cases", str(count)], stdout=target, check=True)
    answer([programs / "answer"], cases, ours)
    answer(shlex.split(args.reference), cases, theirs)
    with open(cases) as a, open(ours) as b, open(theirs) as c:
        return compare.compare(a, b, c)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, help="the build directory")
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--reference", default=f"node {shlex.quote(str(HERE / 'oracle.mjs'))}")
    parser.add_argument("--show", type=int, default=2, help="examples of each difference")
    args = parser.parse_args()
    args.only, args.near, args.full = "", False, True
    total, clusters = {}, {}
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        end = args.first + args.cases
        for first in range(args.first, end, CHUNK):
            counts, found = run_chunk(args, first, min(CHUNK, end - first),
                                      pathlib.Path(directory))
            total = {name: total.get(name, 0) + count for name, count in counts.items()}
            for about, members in found.items():
                clusters.setdefault(about, []).extend(members)
            done = min(first + CHUNK, end) - args.first
            print(f"\r{done} of {args.cases} cases, {total['different']} different, "
                  f"{time.monotonic() - started:.0f} s ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    compare.show(clusters, args)
    print(f"seed {args.seed}: " + ", ".join(f"{n} {name}" for name, n in total.items()))
    return 1 if total["different"] or total["near"] > args.cases / NEAR_SHARE + 2 else 0


if __name__ == "__main__":
    sys.exit(main())
