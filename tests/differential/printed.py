# SPDX-License-Identifier: Apache-2.0
"""Values in printed text, by what they are instead of how they are written.

The reference prints the call that made a value (`decimal("1.50")`, and for results of functions
`datetime("1970-01-01").offset(duration("5ms"))`), and the elements of sets in an order that depends
on it; ours prints each value in one form, and sets in an order of its own. Duplicates in a set that
was not evaluated yet are shown by the reference. Names of fields stand in quotes, and numbers below
zero in parentheses, where an expression is meant and not a value.
"""
import datetime
import ipaddress
import re

UNITS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
DAYS_TO_EPOCH = datetime.date(1970, 1, 1).toordinal()
KEY = re.compile(r'"([A-Za-z_]\w*)": ')
CALL = re.compile(r'\b(decimal|ip|duration|datetime)\("([^"\\]*)"\)(?:\.offset\(duration\("([^"]*)"\)\))?')


def duration_ms(text):
    total = sum(int(n) * UNITS[u] for n, u in re.findall(r"(\d+)(ms|[dhms])", text))
    return -total if text.startswith("-") else total


def days(year, month, day):
    # Year 0000 is a leap year like 0400, which datetime can count.
    shift = 0 if year > 0 else 400
    return datetime.date(year + shift, month, day).toordinal() - DAYS_TO_EPOCH - \
        (146_097 if shift else 0)


def datetime_ms(text):
    m = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)"
                     r"(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?(?:Z|([+-])(\d\d)(\d\d)))?", text)
    date = days(*map(int, m.group(1, 2, 3))) * UNITS["d"]
    if m.group(4) is None:
        return date
    hour, minute, second = map(int, m.group(4, 5, 6))
    total = date + hour * UNITS["h"] + minute * UNITS["m"] + second * 1000 + int(m.group(7) or 0)
    if m.group(8):
        offset = int(m.group(9)) * UNITS["h"] + int(m.group(10)) * UNITS["m"]
        total -= offset if m.group(8) == "+" else -offset
    return total


def decimal_units(text):
    whole, fraction = text.split(".")
    units = int(whole.lstrip("-") + fraction.ljust(4, "0"))
    return -units if text.startswith("-") else units


def ip_text(text):
    address, _, prefix = text.partition("/")
    parsed = ipaddress.ip_address(address)
    return f"{parsed}/{prefix or parsed.max_prefixlen}"


def value_of(match):
    kind, text, offset = match.groups()
    try:
        if kind == "decimal":
            made = decimal_units(text)
        elif kind == "ip":
            made = ip_text(text)
        elif kind == "duration":
            made = duration_ms(text)
        else:
            made = datetime_ms(text) + (duration_ms(offset) if offset else 0)
    except (ValueError, AttributeError):
        return match.group()
    return f"{kind}<{made}>"


def end_of_string(text, at):
    at += 1
    while at < len(text) and text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    return at + 1


def sort_sets(text):
    """Every `[…]` outside strings with its items sorted, each once."""
    stack = [[""]]  # the pieces between commas of each open bracket
    at = 0
    while at < len(text):
        char = text[at]
        if char == '"':
            end = end_of_string(text, at)
            stack[-1][-1] += text[at:end]
            at = end
            continue
        if char == "[":
            stack.append([""])
        elif char == "]" and len(stack) > 1:
            items = sorted({item.strip() for item in stack.pop()})
            stack[-1][-1] += "[" + ", ".join(items) + "]"
        elif char == "{":
            stack.append(["{"])
        elif char == "}" and len(stack) > 1:
            items = stack.pop()
            stack[-1][-1] += ",".join(items) + "}"
        elif char == "," and len(stack) > 1:
            stack[-1].append("")
        else:
            stack[-1][-1] += char
        at += 1
    return "".join(",".join(items) for items in stack)


def canonical(text):
    text = re.sub(r"\((-\d+)\)", r"\1", KEY.sub(r"\1: ", text))
    return sort_sets(CALL.sub(value_of, text))
