# SPDX-License-Identifier: Apache-2.0
"""What answers about schemas may differ in, beside what sameness.py says."""
import re

# Of a cycle any member may be named; the reference even takes a type that only the cycle refers to.
CYCLE = re.compile(r"cycle in (common type references|action hierarchy) containing `")

COLLISIONS = "There are name collisions"
SHAPES = "The following entities have shapes that cannot be converted"

# An attribute that a record declares twice: the reference says nothing and takes the last one.
OWN_WARNING = re.compile(r"attribute `.*` is declared twice in one record$", re.DOTALL)

# What the reference does not look at when it resolves types, in the words of ours.
WHOLE = re.compile(r"cycle in |definition of `|(Shape|Context) for |unsupported feature"
                   r"|undeclared action|unknown extension type")


def messages(answer):
    return [e["message"] for top in answer.get("errors", [])
            for e in [top, *(top.get("related") or [])]]


def is_same_cycle(ours, theirs):
    a, b = CYCLE.search(ours), CYCLE.search(theirs)
    return a is not None and b is not None and a.group(1) == b.group(1)


def is_allowed(case, ours, theirs):
    """Differences between whole answers."""
    mine, wanted = messages(ours), messages(theirs)
    if case["op"] == "schemaToText":
        # The reference writes first and looks for mistakes then. What it refuses for its names
        # alone, ours writes if they mean the same in text; what it writes with another meaning
        # (a name of the empty namespace that a common type and an entity type share), ours refuses.
        return any(m.startswith(COLLISIONS) for m in wanted) or \
            any(m.startswith(SHAPES) for m in wanted) and ours["type"] == "failure" or \
            theirs["type"] == "success" and all(m.startswith(COLLISIONS) for m in mine) and \
            ours["type"] == "failure"
    if case["op"] == "schemaToJsonWithResolvedTypes":
        return ours["type"] == "failure" and any(map(WHOLE.match, mine))
    return False


def is_same_text(ours, theirs):
    """Ours says `__cedar::` where a builtin's own name means something else, which the reference
    does not heed; that the text reads back is checked elsewhere."""
    return ours.replace("__cedar::", "") == theirs.replace("__cedar::", "")


def is_same_warnings(case, ours, theirs, key):
    """Of JSON the reference warns of some only."""
    mine = sorted(key(w) for w in ours.get("warnings", []) if not OWN_WARNING.match(w["message"]))
    wanted = sorted(key(w) for w in theirs.get("warnings", []))
    if isinstance(case["input"], str):
        return mine == wanted
    return all(any(a[:2] == b[:2] for a in mine) for b in wanted)
