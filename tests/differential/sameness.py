# SPDX-License-Identifier: Apache-2.0
"""When an answer of ours and one of the reference's are the same.

Answers have the shape of the reference's. What is not compared as it stands is said here, each
with its reason; there is nothing else. docs/differences.md says what that means for users.
"""
import json
import re

import guesses
import printed
import sameness_schema

# ---- what messages are about ----------------------------------------------------------------

# The reference's functions put where a text came from before some messages; cedar.h, which leaves
# that to its caller, does not.
PREFIXES = re.compile(
    r"^(failed to parse policies from string: "
    r"|failed to parse (?:policy|template)(?: with id `[^`]*`)? from string: "
    r"|(failed to parse (?:policy|template)(?: with id `[^`]*`)? from JSON: )?"
    r"error deserializing a policy/template from JSON: "
    r"|failed to parse schema from (?:string|JSON): (?:error parsing schema: )?|error parsing schema: "
    r"|cannot parse input policies: "
    r")")

# Documents of the wrong shape: the reference's words are those of the library that reads its JSON
# and speak of the types inside it. Ours speak of the document. Only the verdict is compared.
SHAPES = re.compile(
    r"data did not match any variant|invalid type: |invalid value: |invalid length |missing field `"
    r"|unknown field `|unknown variant `|duplicate field `|expected variant identifier"
    r"|is not an integer of 64 bits|entities are an array of objects"
    r"|recursion limit exceeded")

# The same for a text that is not the one policy that was asked for; the words are those of answer.c.
NOT_ONE = "not one policy"

# Found on the way through a hash table, in the reference: any of them may be named.
ANY_OF = re.compile(r"(input graph has a cycle containing vertex|cycle in common type references containing|found a tag|in tag|definition of action"
                    r"|schema's definition of|(?<!record )attribute(?= `[^`]*` on `[^`]*` should not)"
                    r") `.*?`", re.DOTALL)
SLOTS = re.compile(r"(slots were (?:not )?provided as arguments[^?]*)(\?\w+,\?\w+)")

# Where a policy could not be read, the reference links the others nevertheless, and goes on after a
# link that failed; ours stops.
LINKS = "unable to link template: "

# JSON that a message quotes: ours as it was written, the reference's written again.
QUOTED_JSON = re.compile(
    r"(expected a literal entity reference, but got|failed to parse escape `__\w+`:)"
    r" .*?(?=, errors:|$)", re.DOTALL)

# A value of the wrong type: the reference shows the call that it has not evaluated yet. Ours has,
# and reports a call that fails as such.
CALLED = re.compile(r"type mismatch: .*, but it (actually has type \w+|does not): `\[?\w+[(<].*`$",
                    re.DOTALL)
FAILED_CALL = re.compile(r"failed to evaluate |wrong number of arguments|type error: expected string"
                         r"|error while evaluating |does not exist$|type mismatch: ")

# Errors with advice where the reference has none: the same error has some in a policy.
HELPED = re.compile(r"failed to evaluate (attribute|tag) `|There are name collisions")

# Made by answer.c, for an expectation that the reference has and cedar.h has not; or about a name
# in JSON, where the reference counts from the beginning of the name.
NO_PLACE = re.compile(r"expected a (template|static policy), got|failed to parse escape"
                      r"|invalid entity type|extension function `.*` does not exist"
                      r"|failed to resolve type|undeclared entity type")

# All names that a schema does not declare, in one error with a list or in one error each.
# What is undeclared is there once for each time it is used; the reference stops after one sort of
# them, ours has all.
UNRESOLVED = re.compile(r"(?:failed to resolve types?|undeclared actions?): (.*)$", re.DOTALL)

# Two words of schemas, where the reference gives the names that its parser has for them.
WORDS = {"APPLIESTO": "`appliesTo`", "ATTRIBUTES": "`attributes`"}

GRAMMAR = re.compile("(error parsing schema: )?(unexpected (token|end)|invalid token|integer parse error)")


# Here the reference leaves out parentheses, also those without which the advice means something else.
EQUALITY = re.compile(r"try using `==` to test for equality: `\(*if ")


def message_key(error):
    message = PREFIXES.sub("", error["message"])
    if SHAPES.search(message):
        return ("(shape)", "")
    message = QUOTED_JSON.sub(r"\1 (JSON)", ANY_OF.sub(r"\1", message))
    message = SLOTS.sub(lambda m: m.group(1) + ",".join(sorted(m.group(2).split(","))), message)
    help_text = ANY_OF.sub(r"\1", error.get("help") or "")
    help_text = guesses.by_distance(message, help_text)
    if EQUALITY.match(help_text):
        help_text = re.sub("[()]", "", help_text)
    return (printed.canonical(message), printed.canonical(help_text))


def label(text):
    return re.sub("APPLIESTO|ATTRIBUTES", lambda m: WORDS[m.group()], text or "")


def places(error):
    return sorted((label(s.get("label")), s["start"], s["end"])
                  for s in error.get("sourceLocations") or [])


def key(error):
    """What is compared of an error of a text."""
    return (*message_key(error), places(error))


# ---- errors ---------------------------------------------------------------------------------


def family(error):
    return [error, *(error.get("related") or [])]


def quoted(text):
    """Messages quote a text as it was written; the reference writes expressions anew."""
    return re.sub(r"//[^\n\r]*|\s|\\(?=')", "", text)


# Where one policy is wanted, the reference has a parser for one, which is lost behind a semicolon.
SINGLE = re.compile("failed to parse (policy|template) (with id `.*` )?from string: ")


def is_extra_token(ours, theirs):
    """The same parser: something stands behind the policy."""
    return GRAMMAR.match(ours["message"]) and \
        any("unexpected token" in e["message"] and not any(s[0] for s in places(e))
            for e in family(theirs))


def is_told(error, ours):
    """An error of the reference's is among ours. Where it knows no place, ours may; errors of
    evaluation and of requests have a place in the reference only."""
    wanted = key(error)
    for e in ours:
        mine = key(e)
        is_same_place = mine[2] == wanted[2] or not wanted[2] or not mine[2] or \
            NO_PLACE.search(mine[0])
        # Ours guesses built-in methods, too, and longer names.
        is_same_help = quoted(mine[1]) == quoted(wanted[1]) or \
            (not wanted[1] and (guesses.is_guess(mine[1]) or HELPED.search(mine[0]))) or \
            ("is not a valid method" in mine[0] and guesses.is_no_farther(mine[1], wanted[1]))
        if is_same_place and is_same_help and quoted(mine[0]) == quoted(wanted[0]):
            return True
    return False


def is_repeated(error, ours):
    """A third annotation of one name is not told again."""
    return error["message"].startswith("duplicate annotation: ") and \
        any(message_key(e) == message_key(error) for e in ours)


# A document with several mistakes: the reference reads all of it before it compares anything with
# the schema, and goes through attributes and entities in the order of its tables.
DATA = re.compile("error during entity deserialization|entity does not conform|duplicate entity"
                  "|while parsing context|failed to parse escape|transitive closure"
                  "|error while evaluating|type error: |wrong number of arguments")


def is_near(error, ours):
    """Ours has another error at the same place. A few words that break several rules: the reference
    leaves out what it found in an operand when another part is broken as well, in an order that is
    the order of its functions."""
    if any(message_key(e)[0] == message_key(error)[0] for e in ours):
        return False  # the same words: the place or the advice is what differs
    return any(a[1] <= b[2] and b[1] <= a[2]
               for a in places(error) for e in ours for b in places(e))


def unresolved(errors):
    found = (UNRESOLVED.match(message_key(e)[0]) for e in errors)
    return {name for match in found if match
            for name in re.split(r", (?:and )?| and ", match.group(1))}


def error_difference(ours, theirs):
    """Two errors with those that are related to them. None, a remark or what differs."""
    if message_key(theirs)[0] == "(shape)" or ours["message"] == NOT_ONE or \
            is_extra_token(ours, theirs):
        return None
    if CALLED.search(message_key(theirs)[0]) and FAILED_CALL.search(message_key(ours)[0]):
        return None
    if sameness_schema.is_same_cycle(ours["message"], theirs["message"]):
        return None
    mine, wanted = family(ours), family(theirs)
    if UNRESOLVED.match(message_key(theirs)[0]):
        return None if unresolved(wanted) <= unresolved(mine) else "message"
    if GRAMMAR.match(message_key(ours)[0]) or GRAMMAR.match(message_key(theirs)[0]):
        # All errors, in the same order.
        is_same = list(map(key, mine)) == list(map(key, wanted))
        return None if is_same else "near" if SINGLE.match(theirs["message"]) else "grammar"
    missing = [e for e in wanted if not is_told(e, mine) and not is_repeated(e, mine)]
    if not missing:
        return None
    is_data = DATA.match(ours["message"]) and DATA.match(theirs["message"])
    return "near" if is_data or all(is_near(e, mine) for e in missing) else "message"


def errors_of(answer):
    errors = answer.get("errors", [])
    kept = [e for e in errors if not e["message"].startswith(LINKS)]
    return kept or errors[:1]


def failure_difference(ours, theirs):
    """Both refuse. The texts and documents of a call are read independently of each other."""
    mine, wanted = list(errors_of(ours)), list(errors_of(theirs))
    if len(mine) != len(wanted):
        return "message"
    for error in list(wanted):
        for other in mine:
            if message_key(error)[0] == message_key(other)[0] and \
                    not error_difference(other, error):
                mine.remove(other)
                wanted.remove(error)
                break
    found = [error_difference(a, b) for a, b in zip(mine, wanted)]
    return next((f for f in found if f not in (None, "near")), next(filter(None, found), None))


# ---- answers --------------------------------------------------------------------------------


def is_context_check(case, theirs):
    """checkParseContext validates too, which cedar.h does with the whole request (isAuthorized)."""
    return case["op"] == "checkParseContext" and theirs["type"] == "failure" and \
        re.match("context `.*` is not valid for |request's action `.*` is not declared"
                 "|entity `.*` is of an enumerated entity type",
                 theirs["errors"][0]["message"], re.DOTALL)


def is_ignored_number(case, ours, theirs):
    """A fraction in a member that neither looks at makes the reference refuse the whole value."""
    return ours["type"] == "success" and theirs["type"] == "failure" and \
        "RawCedarValueJson" in theirs["errors"][0]["message"] and \
        re.search(r'"__(entity|extn)"', json.dumps(case["input"]))


def is_array_as_object(ours, theirs):
    """The reference takes an array for an object whose members are the array's items in order."""
    return ours["type"] == "failure" and \
        any(re.search("invalid type: sequence, expected struct "
                      r"|expected a literal entity reference, but got `\[", e["message"])
            for e in ours["errors"])


def is_too_deep(theirs):
    """Nested deeper than the reference reads JSON, which is an exception there."""
    return theirs["type"] == "throw" and \
        re.match("(Error: )?recursion limit exceeded", theirs["message"])


# From JSON, `has` with several names of which the first is no word: this text cannot be read back.
# Ours says `(e has "x y" && e["x y"] has b)`.
UNREADABLE_HAS = re.compile(r' has "(?:\\.|[^"\\])*"\.')

COMMENTS = re.compile(r'"(?:\\.|[^"\\])*"|(//[^\n\r]*)', re.DOTALL)


def comments(text):
    return sorted(m.group(1).strip() for m in COMMENTS.finditer(text) if m.group(1))


def is_same_layout(case, ours, theirs):
    """The reference loses comments at commas that it drops, and takes the end of a line between a
    string and a comment below it for an empty line; ours does neither."""
    source = comments(case["input"]["policyText"])
    if comments(ours) != source:
        return False
    return comments(theirs) != source or \
        re.sub(r'" *\n? *//', '"//', ours) == re.sub(r'" *\n? *//', '"//', theirs)


def response_key(response):
    """Policies are reported in no order."""
    diagnostics = response["diagnostics"]
    return {
        "decision": response["decision"],
        "reason": sorted(diagnostics["reason"]),
        "errors": sorted((e["policyId"], e["error"]["message"], e["error"].get("help") or "")
                         for e in diagnostics["errors"]),
    }


def findings(answer, kind):
    """Policies are validated in no order."""
    return sorted((f["policyId"], *key(f["error"])) for f in answer[kind])


NOWHERE = "[]"


def by_message(found):
    groups = {}
    for policy, message, help_text, where in found:
        # A name in JSON has its place in itself.
        name = re.search("unrecognized entity type `(.*)`", message)
        is_own = name and where and where[0][1:] == (0, len(name.group(1).encode()))
        groups.setdefault((policy, message, help_text), set()).add(
            NOWHERE if is_own else str(where))
    return groups


def is_same_places(ours, theirs):
    if NOWHERE in theirs:
        return theirs - {NOWHERE} <= ours
    return ours == theirs


def is_same_findings(ours, theirs):
    """Where the reference knows no place (JSON, scopes), ours may; what is then told once there is
    told for each place."""
    mine, wanted = by_message(ours), by_message(theirs)
    return mine.keys() == wanted.keys() and \
        all(is_same_places(mine[about], wanted[about]) for about in mine)


def validation_difference(ours, theirs):
    return next((kind for kind in ("validationErrors", "validationWarnings")
                 if not is_same_findings(findings(ours, kind), findings(theirs, kind))), None)


def difference(case, ours, theirs):
    """None if the answers are the same, else a word for what differs. "near" is a difference that
    is counted and allowed, see is_near."""
    if is_context_check(case, theirs):
        theirs = {"type": "success"}
    if is_ignored_number(case, ours, theirs) or is_array_as_object(ours, theirs) or \
            sameness_schema.is_allowed(case, ours, theirs):
        return None
    if ours["type"] != theirs["type"]:
        return "verdict"
    if ours["type"] == "failure":
        return failure_difference(ours, theirs)
    if "validationErrors" in ours:
        return validation_difference(ours, theirs)
    if "response" in ours:
        a, b = response_key(ours["response"]), response_key(theirs["response"])
        return next((name for name in a if a[name] != b[name]), None)
    if "value" in ours:
        a, b = printed.canonical(ours["value"]), printed.canonical(theirs["value"])
        return None if a == b else "value"
    if "formatted_policy" in ours:
        texts = (ours["formatted_policy"], theirs["formatted_policy"])
        return None if is_same_layout(case, *texts) else "formatted_policy"
    if case["op"].startswith("schemaTo"):
        if not sameness_schema.is_same_warnings(case, ours, theirs, key):
            return "warnings"
        if "text" in ours:
            return None if sameness_schema.is_same_text(ours["text"], theirs["text"]) else "text"
    if UNREADABLE_HAS.search(theirs.get("text", "")):
        return None
    return next((name for name in ("json", "text")
                 if ours.get(name) != theirs.get(name)), None)
