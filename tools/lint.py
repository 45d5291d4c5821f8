#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks of the source text that need no compiler: layers, banned calls, budgets, file heads.

Usage: tools/lint.py [check ...]     (default: all)
Prints `file:line: message` for each finding and exits 1 when there is one.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SRC = ROOT / "src"

FILE_BUDGET = 600
# The public interface and its manual are one file, which an embedder copies.
FILE_EXCEPTIONS = {"include/cedar.h": 1200}
FUNCTION_BUDGET, FUNCTION_HARD = 50, 120
COMPLEXITY_BUDGET = 25

# name -> what to use instead
BANNED = {
    "strcpy": "buf or arena_copy", "strcat": "buf", "sprintf": "buf_format", "gets": "fgets",
    "vsprintf": "vsnprintf", "strncpy": "arena_copy", "strncat": "buf", "strtok": "str_cut",
    "strtok_r": "str_cut", "sscanf": "a cursor over a str", "scanf": "a cursor over a str",
    "atoi": "str_to_i64", "atol": "str_to_i64", "atoll": "str_to_i64", "atof": "a cursor",
    "strtol": "str_to_i64", "strtoll": "str_to_i64", "strtoul": "str_to_u64",
    "strtoull": "str_to_u64", "strtod": "a cursor", "alloca": "the arena",
    "rand": "random_bytes", "srand": "random_bytes", "random": "random_bytes",
    "isalpha": "byte_is_alpha", "isdigit": "byte_is_digit", "isspace": "an explicit test",
    "isalnum": "byte_is_alnum", "tolower": "byte_lower", "toupper": "an explicit test",
    "system": "nothing: no shell", "popen": "nothing: no shell", "mktemp": "mkstemp",
    "tmpnam": "mkstemp", "localtime": "gmtime_r", "gmtime": "gmtime_r", "ctime": "a formatter",
    "asctime": "a formatter", "strerror": "strerror_r", "setjmp": "an err", "longjmp": "an err",
    "quick_exit": "a return", "signal": "sigaction",
}
# libcedar does no I/O, has no clock and never ends the process.
BANNED_IN_CEDAR = ["printf", "fprintf", "puts", "fopen", "exit", "abort", "getenv", "time",
                   "malloc", "calloc", "realloc", "free"]


def sources(*suffixes):
    for folder in (SRC, ROOT / "include", ROOT / "bin"):
        for path in sorted(folder.rglob("*")):
            if path.suffix in suffixes:
                yield path


def name(path):
    return path.relative_to(ROOT).as_posix()


def code_lines(path):
    """The file's lines with comments and the contents of literals blanked out."""
    text = path.read_text()
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)

    def blank(match):
        piece = match.group(0)
        if piece[0] in "\"'":
            return piece[0] + " " * (len(piece) - 2) + piece[0]
        return re.sub(r"[^\n]", " ", piece)

    return pattern.sub(blank, text).split("\n")


def read_layers():
    layers = {}
    for line in (ROOT / "tools/layers.txt").read_text().splitlines():
        line = line.split("#")[0].strip()
        if line:
            folder, allowed = line.split(":")
            for other in allowed.split():
                if other not in layers and other != "cedar.h":
                    raise SystemExit(f"tools/layers.txt: {folder} uses {other}, which is not above it")
            layers[folder.strip()] = set(allowed.split())
    return layers


def check_layers():
    layers = read_layers()
    for path in sources(".c", ".h"):
        if SRC not in path.parents:
            continue
        folder = path.parent.relative_to(SRC).as_posix()
        if folder not in layers:
            yield path, 1, f"folder {folder} is not in tools/layers.txt"
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'\s*#\s*include\s+(?:"([^"]+)"|<(cedar\.h)>)', line)
            if not match:
                continue
            target = match.group(1) or match.group(2)
            other = target if target == "cedar.h" else target.rpartition("/")[0]
            if other != folder and other not in layers[folder]:
                yield path, number, f"{folder} may not include {target} (tools/layers.txt)"


def check_banned():
    call = re.compile(r"\b([A-Za-z_]+)\s*\(")
    for path in sources(".c", ".h"):
        in_cedar = name(path).startswith("src/cedar/")
        is_embedded = in_cedar or (name(path).startswith("src/base/") and path.stem != "assert")
        for number, line in enumerate(code_lines(path), 1):
            for match in call.finditer(line):
                function = match.group(1)
                before = line[: match.start()].rstrip()
                if before.endswith((".", "->")):
                    continue
                if function in BANNED:
                    yield path, number, f"{function}() is banned; use {BANNED[function]}"
                elif is_embedded and function in ("ASSERT", "UNREACHABLE"):
                    yield path, number, f"{function}() stops the host of libcedar; use HOLDS or NOT_REACHED"
                elif in_cedar and function in BANNED_IN_CEDAR:
                    yield path, number, f"{function}() has no place in libcedar"


def functions(lines):
    """(first line, last line) of each function; relies on clang-format's layout."""
    start = None
    for number, line in enumerate(lines, 1):
        if start is None:
            if line.endswith(") {") and not re.match(r"\s*(if|for|while|switch|else|\})", line):
                start = number
        elif line == "}":
            yield start, number
            start = None
        elif line.startswith("};"):
            start = None


def check_budgets():
    for path in sources(".c", ".h"):
        lines = code_lines(path)
        budget = FILE_EXCEPTIONS.get(path.relative_to(ROOT).as_posix(), FILE_BUDGET)
        if len(lines) - 1 > budget:
            yield path, 1, f"{len(lines) - 1} lines; a file has at most {budget}"
        if path.suffix != ".c":
            continue
        for first, last in functions(lines):
            body = lines[first - 1 : last]
            length = last - first + 1
            text = "\n".join(body)
            is_switch = "switch (" in text
            if length > (FUNCTION_HARD if is_switch else FUNCTION_BUDGET):
                yield path, first, f"function of {length} lines; at most {FUNCTION_BUDGET}"
            paths = 1 + len(re.findall(r"\b(?:if|for|while)\b|&&|\|\||\?", text))
            if paths > COMPLEXITY_BUDGET:
                yield path, first, f"complexity {paths}; at most {COMPLEXITY_BUDGET}"


def check_heads():
    for folder in ("src", "include", "bin", "tests", "fuzz", "bench", "tools", "examples"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in (".c", ".h", ".py", ".sh", ".mjs", ".js", ".css", ".cpp", ".hpp") and path.name != "meson.build":
                continue
            if "node_modules" in path.parts or "seeds" in path.parts:
                continue
            head = path.read_text(errors="replace")[:400]
            if "SPDX-License-Identifier: Apache-2.0" not in head:
                yield path, 1, "no SPDX-License-Identifier line"
            if path.suffix == ".h" and folder in ("src", "include"):
                if not re.search(r"/\*\n \* \S.{20,}", path.read_text()[:1500]):
                    yield path, 1, "a header opens with a paragraph that says what it is"


def check_text():
    """Files end with a newline, have no tabs or trailing spaces, and TODO has an issue number."""
    for folder in ("src", "include", "tests", "fuzz", "bench", "tools", "docs", "examples"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in (".c", ".h", ".py", ".sh", ".md", ".mjs", ".css", ".html"):
                continue
            if "node_modules" in path.parts or "seeds" in path.parts:
                continue
            text = path.read_text()
            if text and not text.endswith("\n"):
                yield path, text.count("\n") + 1, "no newline at the end"
            for number, line in enumerate(text.split("\n"), 1):
                if line.rstrip() != line:
                    yield path, number, "trailing white space"
                if path.suffix in (".c", ".h") and "\t" in line:
                    yield path, number, "tab"
                if re.search(r"\b(TODO|FIXME|XXX)\b(?! ?\(#\d+\))", line) and path.name != "lint.py":
                    yield path, number, "TODO without an issue number"


CHECKS = {"layers": check_layers, "banned": check_banned, "budgets": check_budgets,
          "heads": check_heads, "text": check_text}


def main():
    wanted = sys.argv[1:] or list(CHECKS)
    findings = 0
    for check in wanted:
        if check not in CHECKS:
            raise SystemExit(f"unknown check {check}; known: {' '.join(CHECKS)}")
        for path, line, message in CHECKS[check]():
            print(f"{name(path)}:{line}: {message} [{check}]")
            findings += 1
    print(f"lint: {len(wanted)} checks, {findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
