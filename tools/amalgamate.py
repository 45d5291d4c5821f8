#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes libcedar as two files that build with one call of a compiler: cedar.c and cedar.h.

Usage: tools/amalgamate.py [--list | --depfile FILE] [DIR]        (DIR: build/amalgamation)
  --list           print the files that go into it, one per line, and write nothing
  --depfile FILE   also write a rule for make with what the result depends on

The files of src/base and src/cedar that their meson.build name are put one behind the other, each
header before its first user. On the way
  * system headers go to the top, ours are replaced by their content;
  * everything but the functions of cedar.h becomes static, and what nothing uses is left out, so
    that a program with cedar.c in it gets the names of cedar.h and no others;
  * a name that two files have for different things of their own gets the file's name in front;
    a macro of a .c file ends with the file.
What this cannot do honestly is an error: a name that two headers declare, code it cannot read.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
# Stops the process, which libcedar must not; nothing refers to it (CEDAR_EMBEDDED, base/assert.h).
LEFT_OUT = {"base/assert.c"}

TOKEN = re.compile(r"""
    (?P<space>[ \t\n]+)
  | (?P<comment>/\*.*?\*/|//[^\n]*)
  | (?P<directive>\#(?:\\\n|/\*.*?\*/|[^\n])*)
  | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
  | (?P<name>[A-Za-z_][A-Za-z_0-9]*)
  | (?P<number>\.?[0-9](?:[eEpP][+-]|[A-Za-z_0-9.])*)
  | (?P<mark>->|.)
""", re.X | re.S)
NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
TAGS = ("struct", "union", "enum")


def fail(path, message):
    raise SystemExit(f"amalgamate: {path}: {message}")


def tokens_of(text):
    return [(match.lastgroup, match.group(0)) for match in TOKEN.finditer(text)]


def is_code(token):
    return token[0] not in ("space", "comment")


class Item:
    """A declaration, definition or directive at file level, with the comment before it."""

    def __init__(self, path, kind, tokens):
        self.path = path
        self.kind = kind  # "function", "prototype", "object", "type", "directive", "space"
        self.tokens = tokens
        self.name = None  # of a function, prototype or object
        self.is_static = False
        self.is_shared = False  # had external linkage
        self.is_kept = True

    def code(self):
        return [text for kind, text in self.tokens if kind not in ("space", "comment")]

    def names(self):
        """Every name it mentions, those of macros' bodies too, but tags."""
        last = ""
        for kind, text in self.tokens:
            if kind == "name" and last not in TAGS:
                yield text
            elif kind == "directive":
                yield from NAME.findall(text)
            if kind not in ("space", "comment"):
                last = text

    def text(self):
        return "".join(text for _, text in self.tokens)


# ---- reading ------------------------------------------------------------------------------------

def split_items(path, tokens):
    """Cuts a file into items: at `;` and behind the body of a function, outside of brackets."""
    items, held, depth = [], [], 0
    has_equals = is_body = False
    for token in tokens:
        kind, text = token
        is_first = not any(map(is_code, held))
        if kind == "directive" and is_first:
            items += [Item(path, "space", held)] if held else []
            items.append(Item(path, "directive", [token]))
            held = []
            continue
        if kind == "space" and is_first and text.count("\n") > 1:
            items.append(Item(path, "space", held + [token]))  # a comment that belongs to nothing
            held = []
            continue
        last = next((t for _, t in filter(is_code, reversed(held))), None)
        held.append(token)
        if kind != "mark":
            continue
        if text == "{" and depth == 0:
            is_body = last == ")" and not has_equals
        has_equals = has_equals or (text == "=" and depth == 0)
        depth += (text in "([{") - (text in ")]}")
        if depth == 0 and (text == ";" or (text == "}" and is_body)):
            items.append(Item(path, "function" if is_body else "other", held))
            held, has_equals, is_body = [], False, False
    if depth != 0 or any(map(is_code, held)):
        fail(path, "ends in the middle of a declaration")
    return items + ([Item(path, "space", held)] if held else [])


def declared_name(code):
    """The name that a declaration declares, and whether it is a function."""
    depth = 0
    for i, text in enumerate(code):
        if text == "(" and depth == 0:
            if code[i + 1] == "*":  # a pointer to a function: the name is inside
                return next((t for t in code[i + 1:] if NAME.fullmatch(t) and t != "const"), None), False
            is_macro = code[:i - 1] in ([], ["static"])  # NAME(thing) declares the thing
            return code[i + 1] if is_macro else code[i - 1], True
        if text in ("=", "[", ";") and depth == 0:
            return code[i - 1], False
        depth += (text in "({") - (text in ")}")
    return None, False


def classify(item):
    """Says what an item is and which name it declares."""
    code = item.code()
    if item.kind == "function":
        item.name = declared_name(code)[0]
    elif item.kind == "other":
        has_braces = "{" in code
        if code[0] in ("typedef", "_Static_assert") or (code[0] in TAGS and code[-2] == "}") or \
                (code[0] in TAGS and len(code) == 3):
            item.kind = "type"
            return
        if code == [";"]:
            fail(item.path, "a semicolon of its own at file level")
        item.name, is_function = declared_name(code)
        item.kind = "prototype" if is_function and not has_braces else "object"
    else:
        return
    if item.name is None or not NAME.fullmatch(item.name):
        fail(item.path, "cannot tell what this declares: " + " ".join(code)[:100])
    item.is_static = "static" in code[: code.index(item.name)]


def without_guard(path, items):
    """A header's items without its include guard."""
    directives = [item for item in items if item.kind == "directive"]
    texts = [item.text() for item in directives]
    guard = re.fullmatch(r"#ifndef (\w+)\s*", texts[0]) if texts else None
    if guard is None or texts[1].strip() != "#define " + guard.group(1) or texts[-1].strip() != "#endif":
        fail(path, "has no include guard")
    dropped = {id(directives[0]), id(directives[1]), id(directives[-1])}
    return [item for item in items if id(item) not in dropped]


class Sources:
    """The files in the order of the result."""

    def __init__(self):
        self.items = []
        self.system = set()
        self.files = []

    def add(self, path):
        if path in self.files:
            return
        file = SRC / path
        if not file.is_file():
            fail(path, "is not there")
        items = split_items(path, tokens_of(file.read_text()))
        if path.endswith(".h"):
            items = without_guard(path, items)
        for item in items:
            classify(item)
        own = []
        for item in items:
            include = item.kind == "directive" and re.match(r'#\s*include\s+([<"])([^>"]+)', item.text())
            if not include:
                own.append(item)
            elif include.group(2) == "cedar.h":
                pass  # stands at the top
            elif include.group(1) == "<":
                self.system.add(include.group(2))
            else:
                self.add(include.group(2))
        self.files.append(path)
        self.items += [Item(path, "space", [("comment", banner(path))])] + own


def banner(path):
    return f"\n/* ---- {path} " + "-" * max(4, 86 - len(path)) + " */\n"


def source_list():
    """The .c files that the two meson.build name."""
    for folder in ("base", "cedar"):
        text = (SRC / folder / "meson.build").read_text()
        for name in re.findall(r"'([\w/]+\.c)'", re.sub(r"#[^\n]*", "", text)):
            path = f"{folder}/{name}"
            if path not in LEFT_OUT:
                yield path


# ---- what is kept -------------------------------------------------------------------------------

def public_functions():
    return set(re.findall(r"\b(cedar_\w+)\(", (ROOT / "include/cedar.h").read_text()))


def keep_what_is_used(items, public):
    """Leaves out functions and objects that no function of cedar.h leads to."""
    by_name, todo = {}, []
    for item in items:
        if item.kind in ("function", "object"):
            by_name.setdefault(item.name, []).append(item)
            item.is_kept = False
        elif item.kind in ("directive", "type"):
            todo.append(item)
    for name in sorted(public):
        if name not in by_name:
            fail("cedar.h", f"{name} is defined nowhere")
        for item in by_name[name]:
            item.is_kept = True
            todo.append(item)
    while todo:
        user = todo.pop()
        for name in user.names():
            for item in by_name.get(name, ()):
                # A static name means the one in the same file, or in a header.
                is_meant = not item.is_static or item.path == user.path or item.path.endswith(".h")
                if is_meant and not item.is_kept:
                    item.is_kept = True
                    todo.append(item)
    kept = {(item.path, item.name) if item.is_static else item.name
            for item in items if item.kind in ("function", "object") and item.is_kept}
    for item in items:
        if item.kind == "prototype":
            item.is_kept = item.name in kept or (item.path, item.name) in kept


def make_static(items, public):
    """Internal linkage for all that is not in cedar.h."""
    for item in items:
        if item.kind not in ("function", "prototype", "object") or item.is_static or item.name in public:
            continue
        first = next(i for i, token in enumerate(item.tokens) if is_code(token))
        if item.tokens[first][1] == "extern":
            item.tokens[first] = ("name", "static")
        else:
            item.tokens.insert(first, ("name", "static "))
        item.is_static = item.is_shared = True


# ---- names --------------------------------------------------------------------------------------

def file_level_names(item):
    """("plain" or "tag" or "macro", name) of everything an item declares."""
    code = item.code()
    if item.kind == "directive":
        define = re.match(r"#\s*define\s+(\w+)", item.text())
        if define:
            yield "macro", define.group(1)
        return
    if item.kind in ("function", "prototype", "object"):
        yield "plain", item.name
    for i, text in enumerate(code):
        if text in TAGS and i + 2 < len(code) and code[i + 2] == "{":
            yield "tag", code[i + 1]
    if item.kind == "type" and code[0] == "typedef":
        name = re.search(r"\(\*(\w+)\)", " ".join(code).replace("( * ", "(*").replace(" )", ")"))
        last = max(i for i, text in enumerate(code) if NAME.fullmatch(text))
        before = code.index("(") if "(" in code else None
        yield "plain", name.group(1) if name else code[before - 1] if before else code[last]
    if "enum" in code and "{" in code and item.kind in ("type", "object"):
        yield from (("plain", name) for name in enumerators(code))


def enumerators(code):
    depth = 0
    in_enum = None  # depth of its braces
    for i, text in enumerate(code):
        if text == "{":
            depth += 1
            if in_enum is None and ("enum" in code[max(0, i - 2): i]):
                in_enum = depth
        elif text == "}":
            in_enum = None if in_enum == depth else in_enum
            depth -= 1
        elif in_enum == depth and code[i - 1] in ("{", ",") and NAME.fullmatch(text):
            yield text


def find_collisions(items):
    """(namespace, name) -> the files that declare it, where there are several."""
    seen = {}
    for item in items:
        if item.is_kept:
            for key in file_level_names(item):
                seen.setdefault(key, set()).add(item.path)
    for item in items:  # shared functions have a prototype in one file and a definition in another
        if not item.is_kept or not item.is_shared:
            continue
        if item.kind == "function":
            prototypes = [other.path for other in items if other.kind == "prototype" and
                          other.is_kept and other.name == item.name and other.path.endswith(".h")]
            if prototypes:
                seen[("plain", item.name)].discard(item.path)
        elif item.kind == "object" and item.path.endswith(".c"):
            declared = [other.path for other in items if other is not item and other.is_kept and
                        other.kind == "object" and other.name == item.name and other.path.endswith(".h")]
            if declared:
                seen[("plain", item.name)].discard(item.path)
    return {key: paths for key, paths in seen.items() if len(paths) > 1}


def rename_collisions(items):
    """A file's own name that means something else elsewhere gets the file's name in front."""
    used = {name for item in items for name in item.names()}
    renames = {}  # path -> {(namespace, name): new name}
    for (space, name), paths in sorted(find_collisions(items).items()):
        headers = [path for path in paths if path.endswith(".h")]
        if space == "macro":
            if len(headers) > 1 or (headers and len(paths) > 1):
                fail(headers[0], f"the macro {name} is defined again in {sorted(paths)}")
            continue  # each ends with its file
        if len(headers) > 1:
            fail(headers[0], f"{name} is also declared in {headers[1:]}")
        for path in paths:
            if path.endswith(".h"):
                continue
            new = path[:-2].replace("/", "_").removeprefix("cedar_") + "__" + name
            if new in used:
                fail(path, f"{name} needs another name, and {new} is taken")
            renames.setdefault(path, {})[space, name] = new
    for item in items:
        if item.path in renames:
            apply_renames(item, renames[item.path])


def apply_renames(item, names):
    last = ""
    for i, (kind, text) in enumerate(item.tokens):
        if kind == "name":
            space = "tag" if last in TAGS else "plain"
            if last not in (".", "->") and (space, text) in names:
                item.tokens[i] = (kind, names[space, text])
        elif kind == "directive":
            for (space, name), new in names.items():
                text = re.sub(rf"(?<![\w.>]){name}\b", new, text)
            item.tokens[i] = (kind, text)
        if kind not in ("space", "comment"):
            last = text


# ---- writing ------------------------------------------------------------------------------------

HEAD = """\
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcedar {version}: the Cedar policy language in C, as one file. Made by tools/amalgamate.py of the
 * Ironwood project from {count} files; change those. cedar.h beside it is the interface and its manual.
 *
 *     cc -std=c17 -O3 -c cedar.c
 *
 * needs nothing but a C17 compiler (GCC, Clang) and its library. It defines the functions of
 * cedar.h and no other names.
 *
 * It never stops the process. Where an assumption of its own does not hold, which is a bug, the
 * call fails with CEDAR_ERR_INTERNAL. To hear of it, name a function of yours,
 *
 *     void my_hook(const char *expression, const char *file, int line);
 *
 * with -DCEDAR_ASSERT_HOOK=my_hook. It may be called from any thread that uses the library and is
 * to come back.
 */
#define CEDAR_EMBEDDED 1
#ifndef CEDAR_VERSION
#define CEDAR_VERSION "{version}"
#endif

#if defined(__GNUC__) && !defined(__clang__)
/* Looking into one function from another, each version of GCC guesses otherwise here; the files
 * that this was made from are compiled with the warning, one by one. */
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "cedar.h"

{includes}
"""


def render(items, system, files):
    version = re.search(r"version: '([^']+)'", (ROOT / "meson.build").read_text()).group(1)
    includes = "\n".join(f"#include <{name}>" for name in sorted(system))
    out = [HEAD.format(version=version, includes=includes, count=len(files))]
    macros = {}
    for item in items:
        if item.kind == "directive" and item.path.endswith(".c"):
            for _, name in file_level_names(item):
                macros.setdefault(item.path, []).append(name)
    for i, item in enumerate(items):
        if item.is_kept:
            out.append(item.text())
        is_last = i + 1 == len(items) or items[i + 1].path != item.path
        if is_last and item.path in macros:
            out += [f"\n#undef {name}" for name in dict.fromkeys(macros.pop(item.path))] + ["\n"]
    text = "".join(out)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).rstrip() + "\n"


def write_depfile(path, target, files):
    inputs = [SRC / file for file in files]
    inputs += [ROOT / name for name in ("include/cedar.h", "meson.build", "src/base/meson.build",
                                        "src/cedar/meson.build", "tools/amalgamate.py")]
    path.write_text(f"{target / 'cedar.c'}: " + " \\\n ".join(map(str, inputs)) + "\n")


def main():
    arguments = sys.argv[1:]
    if "-h" in arguments or "--help" in arguments:
        print(__doc__)
        return
    depfile = None
    if arguments[:1] == ["--depfile"] and len(arguments) > 1:
        depfile = pathlib.Path(arguments[1])
        arguments = arguments[2:]
    if len(arguments) > 1 or (arguments and arguments[0] != "--list" and arguments[0].startswith("-")):
        raise SystemExit(__doc__)
    sources = Sources()
    for path in source_list():
        sources.add(path)
    if arguments[:1] == ["--list"]:
        print("\n".join(f"src/{path}" for path in sources.files))
        return
    public = public_functions()
    keep_what_is_used(sources.items, public)
    make_static(sources.items, public)
    rename_collisions(sources.items)
    target = pathlib.Path(arguments[0] if arguments else ROOT / "build/amalgamation")
    target.mkdir(parents=True, exist_ok=True)
    (target / "cedar.c").write_text(render(sources.items, sources.system, sources.files))
    (target / "cedar.h").write_text((ROOT / "include/cedar.h").read_text())
    if depfile:
        write_depfile(depfile, target, sources.files)


if __name__ == "__main__":
    main()
