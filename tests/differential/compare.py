#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares two files of answers, line by line: compare.py CASES OURS THEIRS

Prints the differences, those that look alike once, and ends with the counts. What is not compared
as it stands is said here, each with its reason; there is nothing else.
"""
import argparse
import json
import re
import sys

import extension

# The reference's functions put where a text came from before some messages; cedar.h, which leaves
# that to its caller, does not.
PREFIXES = re.compile(
    r"^(failed to parse policies from string: "
    r"|failed to parse (?:policy|template)(?: with id `[^`]*`)? from string: "
    r"|(failed to parse (?:policy|template)(?: with id `[^`]*`)? from JSON: )?"
    r"error deserializing a policy/template from JSON: "
    r"|failed to parse schema from (?:string|JSON): "
    r"|cannot parse input policies: "
    r")")

# Documents of the wrong shape: the reference's words are those of the library that reads its JSON
# and speak of the types inside it. Ours speak of the document. Only the verdict is compared.
SHAPES = re.compile(
    r"data did not match any variant|invalid type: |invalid value: |invalid length |missing field `"
    r"|unknown field `|unknown variant `|duplicate field `|expected variant identifier"
    r"|is not an integer of 64 bits")

# Found on the way through a hash table, in the reference: any of them may be named.
ANY_OF = re.compile(r"(input graph has a cycle containing vertex|found a tag) `.*?`", re.DOTALL)

# Where a policy could not be read, the reference links the others nevertheless, and goes on after a
# link that failed; ours stops.
LINKS = "unable to link template: "

# Where the errors of data come from, bytes are counted in JSON that was written again.
NO_SPANS = {"isAuthorized", "evaluate", "checkParseEntities", "checkParseContext"}


# JSON that a message quotes: ours as it was written, the reference's written again.
QUOTED_JSON = re.compile(
    r"(expected a literal entity reference, but got|failed to parse escape `__\w+`:)"
    r" .*?(?=, errors:|$)", re.DOTALL)


# The advice that the same error gives in a policy; the reference has none in data.
HELPED = re.compile(r"failed to evaluate (attribute|tag) `")


# Of names that are equally near the reference takes any; ours knows the built-in methods too.
GUESSES = re.compile(r"did you mean `\w+`\?$")


def message_key(error):
    message = PREFIXES.sub("", error["message"])
    if SHAPES.search(message):
        return ("(shape)", "")
    message = QUOTED_JSON.sub(r"\1 (JSON)", ANY_OF.sub(r"\1", message))
    help_text = error.get("help") or ""
    if HELPED.search(message) or GUESSES.match(help_text):
        help_text = ""
    return (extension.canonical(message), help_text)


def span_key(error):
    return [(s.get("label") or "", s["start"], s["end"])
            for s in error.get("sourceLocations") or []]


def is_ours(message):
    """Made by answer.c, for an expectation that the reference has and cedar.h has not; or a name
    in JSON, where the reference counts from the beginning of the name."""
    return re.match("expected a |failed to parse escape|invalid entity type", message)


def failure_keys(answer, key):
    """The first error of each text: what comes after it is an error's consequence or not, as the
    parser recovers; ours does not go on where the reference does."""
    errors = answer.get("errors", [])
    kept = [e for e in errors if not e["message"].startswith(LINKS)]
    return sorted(key(e) for e in (kept or errors[:1]))


def is_context_check(case, theirs):
    """checkParseContext validates too, which cedar.h does with the whole request (isAuthorized)."""
    return case["op"] == "checkParseContext" and theirs["type"] == "failure" and \
        re.match("context `.*` is not valid for ", theirs["errors"][0]["message"], re.DOTALL)


def response_key(response):
    """Policies are reported in no order."""
    diagnostics = response["diagnostics"]
    return {
        "decision": response["decision"],
        "reason": sorted(diagnostics["reason"]),
        "errors": sorted((e["policyId"], e["error"]["message"], e["error"].get("help") or "")
                         for e in diagnostics["errors"]),
    }


def difference(case, ours, theirs):
    """None, or what differs, as a word and two texts."""
    if is_context_check(case, theirs):
        theirs = {"type": "success"}
    if ours["type"] != theirs["type"]:
        return ("verdict", describe(ours), describe(theirs))
    if ours["type"] == "failure":
        if failure_keys(ours, message_key) != failure_keys(theirs, message_key):
            return ("message", describe(ours), describe(theirs))
        if case["op"] not in NO_SPANS:
            a = failure_keys(ours, lambda e: (message_key(e), span_key(e)))
            b = failure_keys(theirs, lambda e: (message_key(e), span_key(e)))
            # Where the reference knows no place, ours may.
            if any(x != y and y[1] and not is_ours(y[0][0]) for x, y in zip(a, b)):
                return ("span", str(a), str(b))
        return None
    if "response" in ours:
        a, b = response_key(ours["response"]), response_key(theirs["response"])
        for key in a:
            if a[key] != b[key]:
                return (key, str(a[key]), str(b[key]))
        return None
    if "value" in ours and extension.canonical(ours["value"]) == \
            extension.canonical(theirs["value"]):
        return None
    for key in ("value", "json", "text", "formatted_policy"):
        if ours.get(key) != theirs.get(key):
            return (key, text_of(ours.get(key)), text_of(theirs.get(key)))
    return None


def text_of(value):
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def describe(answer):
    if answer["type"] != "failure":
        return answer["type"] + " " + json.dumps(answer, ensure_ascii=False)[:300]
    return "; ".join(f"{e['message']} ({e.get('help') or ''})" for e in answer.get("errors", []))


def cluster(text):
    return re.sub(r"`[^`]*`|\"[^\"]*\"|\d+", "_", text)[:160]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cases")
    parser.add_argument("ours")
    parser.add_argument("theirs")
    parser.add_argument("--show", type=int, default=3, help="examples of each difference")
    parser.add_argument("--only", default="", help="a word that differences shown contain")
    parser.add_argument("--full", action="store_true", help="show the inputs")
    args = parser.parse_args()
    clusters = {}
    counts = {"same": 0, "different": 0, "skipped": 0}
    with open(args.cases) as cases, open(args.ours) as ours, open(args.theirs) as theirs:
        for line, a, b in zip(cases, ours, theirs, strict=True):
            case, a, b = json.loads(line), json.loads(a), json.loads(b)
            assert case["n"] == a["n"] == b["n"], (case["n"], a["n"], b["n"])
            a, b = a["answer"], b["answer"]
            if a["type"] == "unsupported" or b["type"] in ("unsupported", "trapped"):
                counts["skipped"] += 1
                continue
            found = difference(case, a, b)
            counts["different" if found else "same"] += 1
            if found:
                key = (case["op"], found[0], cluster(found[1]), cluster(found[2]))
                clusters.setdefault(key, []).append((case, found))
    for key, members in sorted(clusters.items(), key=lambda item: -len(item[1])):
        if args.only not in " ".join(key):
            continue
        print(f"== {len(members)} x {key[0]} {key[1]}")
        for case, found in members[:args.show]:
            print(f"  case {case['n']}\n    ours   {found[1]}\n    theirs {found[2]}")
            if args.full:
                print("    input  " + json.dumps(case["input"], ensure_ascii=False))
    print(" ".join(f"{count} {name}" for name, count in counts.items()))
    return 1 if counts["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
