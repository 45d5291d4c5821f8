# SPDX-License-Identifier: Apache-2.0
"""Advice of the form "did you mean `x`?".

Of names that are equally near the reference takes the first of a hash table. So guesses are
compared by how far they are from what was written.
"""
import re

GUESS = re.compile(r"did you mean `(.*)`\?$", re.DOTALL)

# What was written, in a message. Of an action it is the id alone, which is compared with whole uids.
ACTION = re.compile(r'unrecognized action `.*?::"(.*)"`$', re.DOTALL)
NAME = re.compile(r"(?:unrecognized entity type|attribute|unknown extension type) `(.*?)`"
                  r"(?: on | in context for |$)|^`(.*)` is not a valid (?:method|function)$", re.DOTALL)
DISTANCE = re.compile(r"did you mean one at (\d+)\?$")
ESCAPE = re.compile(r"\\(?:u\{([0-9a-f]+)\}|(.))", re.DOTALL)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}


def is_guess(help_text):
    return help_text.startswith("did you mean ")


def unescaped(text):
    return ESCAPE.sub(lambda m: chr(int(m.group(1), 16)) if m.group(1)
                      else ESCAPES.get(m.group(2), m.group(2)), text)


def distance(one, other):
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            diagonal, row[j] = row[j], diagonal if a == b else 1 + min(row[j], row[j - 1], diagonal)
    return row[-1]


def by_distance(message, help_text):
    """The advice with the distance in place of the name."""
    guess = GUESS.match(help_text)
    if guess is None:
        return help_text
    action, name = ACTION.search(message), NAME.search(message)
    written = unescaped(action.group(1)) if action else name.group(1) or name.group(2) if name else None
    return help_text if written is None else f"did you mean one at {distance(written, guess.group(1))}?"


def is_no_farther(ours, theirs):
    """Ours chooses among more names."""
    mine, wanted = DISTANCE.match(ours), DISTANCE.match(theirs)
    return mine and wanted and int(mine.group(1)) <= int(wanted.group(1))
