#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares libcedar with the reference on made-up cases; see README.md.

run.py --build DIR [--cases N] [--seed S] [--first N] [--jobs N] [--reference COMMAND] [--show N]

Prints each difference, a line per operation, and as its last line how many cases were compared.
Exit code 0: no difference.
"""
import argparse
import concurrent.futures
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time

import compare

HERE = pathlib.Path(__file__).resolve().parent
CHUNK = 1000
NEAR_SHARE = 500  # one case in so many may be "near"; more of them are a difference
SKIPPED_SHARE = 500  # and so many may go without an answer of the reference's
STEP_S = 10  # between two lines of progress where there is no terminal


def run_chunk(args, first, count):
    programs = pathlib.Path(args.build) / "tests/differential"
    with tempfile.TemporaryDirectory() as directory:
        cases, ours, theirs = (pathlib.Path(directory) / name for name in ("cases", "ours", "theirs"))
        with open(cases, "w") as target:
            subprocess.run([programs / "generate", "--seed", str(args.seed), "--first", str(first),
                            "--cases", str(count)], stdout=target, check=True)
        for command, answers in ([programs / "answer"], ours), (shlex.split(args.reference), theirs):
            with open(cases) as source, open(answers, "w") as target:
                subprocess.run(command, stdin=source, stdout=target, check=True)
        with open(cases) as a, open(ours) as b, open(theirs) as c:
            return count, *compare.compare(a, b, c)


class Progress:
    def __init__(self, cases):
        self.cases = cases
        self.started = self.told = time.monotonic()

    def tell(self, done, tally):
        now = time.monotonic()
        is_terminal = sys.stderr.isatty()
        if not is_terminal and now - self.told < STEP_S and done < self.cases:
            return
        self.told = now
        print(f"{done} of {self.cases} cases, {tally.count('different')} different, "
              f"{now - self.started:.0f} s", end=" \r" if is_terminal and done < self.cases else "\n",
              file=sys.stderr, flush=True)


def run(args):
    total, clusters = compare.Tally(), {}
    progress = Progress(args.cases)
    done = 0
    end = args.first + args.cases
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        chunks = [pool.submit(run_chunk, args, first, min(CHUNK, end - first))
                  for first in range(args.first, end, CHUNK)]
        try:
            for chunk in concurrent.futures.as_completed(chunks):
                count, tally, found = chunk.result()
                done += count
                total.add(tally)
                for about, members in found.items():
                    clusters.setdefault(about, []).extend(members)
                progress.tell(done, total)
        finally:
            pool.shutdown(cancel_futures=True)
    return total, clusters


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, help="the build directory")
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="chunks at a time")
    parser.add_argument("--reference", default=f"node {shlex.quote(str(HERE / 'oracle.mjs'))}")
    parser.add_argument("--show", type=int, default=2, help="examples of each difference")
    args = parser.parse_args()
    args.only, args.near, args.full = "", False, True
    total, clusters = run(args)
    compare.show(clusters, args)
    print(total.table())
    too_many = [f"{count} of {args.cases} cases are {word}"
                for word, count, share in (("near", total.count("near"), NEAR_SHARE),
                                           ("skipped", total.count(*total.SKIPPED), SKIPPED_SHARE))
                if count > args.cases / share + 2]
    for line in too_many:
        print(f"too many: {line}")
    print(f"seed {args.seed}: {total.line()}")
    return 1 if total.count("different") or too_many else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
