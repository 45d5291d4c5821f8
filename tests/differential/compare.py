#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares two files of answers, line by line: compare.py CASES OURS THEIRS

Prints the differences, those that look alike once, and ends with the counts. What counts as the
same is said in sameness.py.
"""
import argparse
import collections
import json
import re
import sys

import sameness


def describe(answer):
    if answer["type"] == "failure":
        return "; ".join(f"{e['message']} ({e.get('help') or ''}) {sameness.places(e)}"
                         for top in answer.get("errors", []) for e in sameness.family(top))
    if "validationErrors" in answer:
        return "".join(f"\n      {kind[10:-1]} {f}"
                       for kind in ("validationErrors", "validationWarnings")
                       for f in sameness.findings(answer, kind))
    if "response" in answer:
        return str(sameness.response_key(answer["response"]))
    return next((str(answer[k]) for k in ("value", "json", "text", "formatted_policy", "message")
                 if k in answer), answer["type"])


def cluster(text):
    return re.sub(r"`[^`]*`|\"[^\"]*\"|\d+", "_", text)[:160]


class Tally:
    """Cases by operation and by what became of them."""

    SKIPPED = ("unsupported", "trapped", "too deep")  # the reference has no answer
    COMPARED = ("same", "near", "different")

    def __init__(self):
        self.counts = collections.Counter()
        self.read = collections.Counter()

    def add(self, other):
        self.counts.update(other.counts)
        self.read.update(other.read)

    def count(self, *words, op=None):
        return sum(n for (of, word), n in self.counts.items()
                   if word in words and op in (None, of))

    def compared(self, op=None):
        return self.count(*self.COMPARED, op=op)

    def table(self):
        """A line per operation. "read" are those cases whose inputs both sides took: what was
        compared is an answer, and not only that and why there is none."""
        lines = [f"{'operation':30} {'compared':>9} {'read':>9} {'different':>9} {'near':>6} {'skipped':>8}"]
        for op in sorted({of for of, _ in self.counts}):
            lines.append(f"{op:30} {self.compared(op):9} {self.read[op]:9} "
                         f"{self.count('different', op=op):9} {self.count('near', op=op):6} "
                         f"{self.count(*self.SKIPPED, op=op):8}")
        return "\n".join(lines)

    def line(self):
        skipped = ", ".join(f"{self.count(word)} {word}" for word in self.SKIPPED)
        return (f"{self.compared()} compared, {self.count('different')} different, "
                f"{self.count('near')} near, {self.count(*self.SKIPPED)} skipped ({skipped}); "
                f"validation: {self.read['validate']} compared")


def compare(cases, ours, theirs):
    """A tally, and the differences by what they look like."""
    clusters, tally = {}, Tally()
    for line, a, b in zip(cases, ours, theirs, strict=True):
        case, a, b = json.loads(line), json.loads(a), json.loads(b)
        assert case["n"] == a["n"] == b["n"], (case["n"], a["n"], b["n"])
        a, b = a["answer"], b["answer"]
        no_answer = "too deep" if sameness.is_too_deep(b) else b["type"]
        if no_answer in tally.SKIPPED:
            tally.counts[case["op"], no_answer] += 1
            continue
        found = sameness.difference(case, a, b)
        word = "same" if found is None else "near" if found == "near" else "different"
        tally.counts[case["op"], word] += 1
        tally.read[case["op"]] += a["type"] == b["type"] == "success"
        if found:
            about = (case["op"], found, cluster(describe(a)), cluster(describe(b)))
            clusters.setdefault(about, []).append((case, describe(a), describe(b)))
    return tally, clusters


def show(clusters, args):
    for about, members in sorted(clusters.items(), key=lambda item: -len(item[1])):
        if about[1] == "near" and not args.near or args.only not in " ".join(about):
            continue
        print(f"== {len(members)} x {about[0]} {about[1]}")
        for case, ours, theirs in members[:args.show]:
            print(f"  case {case['n']}\n    ours   {ours}\n    theirs {theirs}")
            if args.full:
                print("    input  " + json.dumps(case["input"], ensure_ascii=False))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cases")
    parser.add_argument("ours")
    parser.add_argument("theirs")
    parser.add_argument("--show", type=int, default=3, help="examples of each difference")
    parser.add_argument("--only", default="", help="a word that the differences shown contain")
    parser.add_argument("--full", action="store_true", help="show the inputs")
    parser.add_argument("--near", action="store_true", help="show allowed differences too")
    args = parser.parse_args()
    with open(args.cases) as cases, open(args.ours) as ours, open(args.theirs) as theirs:
        tally, clusters = compare(cases, ours, theirs)
    show(clusters, args)
    print(tally.line())
    return 1 if tally.count("different") else 0


if __name__ == "__main__":
    sys.exit(main())
