#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes what is installed beside the programs: manual pages, completion of bash and zsh.

Usage: tools/manual.py CEDAR [SHARE]

CEDAR is the built `cedar`; it knows its commands and options and writes section 1 and the
completions itself. Section 3 comes from include/cedar.h: a page for each part of the header, with
its declarations and what stands beside them, and a line for each function that leads there.
SHARE is the directory (.../share); installing, Meson's environment names it.
"""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADER = ROOT / "include/cedar.h"


# ---- reading the header ---------------------------------------------------------------------------

class Section:
    """A part of the header: a title, and blocks of declarations with their comments."""

    def __init__(self, title, intro):
        self.title = title
        self.intro = intro  # lines
        self.blocks = []  # (code lines, comment lines)

    def page(self):
        word = re.match(r"\w+", self.title.replace("entity ids and ", "")).group(0)
        return "libcedar-" + word

    def functions(self):
        code = "\n".join(line for lines, _ in self.blocks for line in lines)
        return re.findall(r"\b(cedar_\w+)\(", re.sub(r"/\*.*?\*/", "", code, flags=re.S))


def comment_lines(text):
    """Without the marks of the comment."""
    inner = re.sub(r"^/\*+ ?|\s*\*/$", "", text)
    lines = [re.sub(r"^ ?\* ?", "", line).rstrip() for line in inner.split("\n")]
    return lines[1:] if lines and not lines[0] else lines


def section_of(lines):
    """A comment that opens a part: `---- title ----`, then perhaps some text."""
    if not lines[0].startswith("---- "):
        return None
    title = lines[0][5:].rstrip("- ")
    rest = [line for line in lines[1:] if not re.fullmatch(r"-*", line) or line == ""]
    while rest and not rest[0]:
        rest = rest[1:]
    return Section(title, rest)


def read_header():
    """The head's lines, and the sections."""
    text = HEADER.read_text()
    head = comment_lines(re.findall(r"/\*\n.*?\*/", text, flags=re.S)[0])
    sections, code, comment = [], [], []

    def flush():
        nonlocal code, comment
        if sections and (code or comment):
            sections[-1].blocks.append((code, comment))
        code, comment = [], []

    lines = text.split("\n")
    i = 0
    while i < len(lines):
        line = lines[i]
        if line.startswith("/*"):
            first = i
            while "*/" not in lines[i]:
                i += 1
            flush()
            comment = comment_lines("\n".join(lines[first: i + 1]))
            section = section_of(comment)
            if section:
                comment = []
                sections.append(section)
        elif line == "":
            flush()
        elif not line.startswith(("#", 'extern "C"')) and line != "}" or code:
            code.append(line.replace("CEDAR_API ", ""))
        i += 1
    flush()
    for section in sections:
        section.blocks = [(code, comment) for code, comment in section.blocks
                          if not code or not code[0].startswith("#")]
    return head, [section for section in sections if section.blocks]


# ---- roff -----------------------------------------------------------------------------------------

def roff(line):
    line = line.replace("\\", "\\e").replace("-", "\\-")
    line = line.replace("…", "...").replace("↔", "<->")
    return "\\&" + line if line.startswith((".", "'")) else line


def paragraphs(lines):
    """Running text; what is indented stays as it is."""
    out = []
    for part in re.split(r"\n(?:\s*\n)+", "\n".join(lines)):
        if part.startswith("    "):
            code = [roff(line[4:]) for line in part.split("\n")]
            out += [".PP", ".nf", ".RS 4", *code, ".RE", ".fi"]
        elif part:
            out += [".PP", *fill(part.split())]
    return tidy(out)


def tidy(lines):
    """No empty paragraphs."""
    out = []
    for line in lines:
        if line == ".PP" and (not out or out[-1] == ".PP" or out[-1].startswith(".SH")):
            continue
        out.append(line)
    while out and out[-1] == ".PP":
        out.pop()
    return out


def fill(words):
    out, line = [], ""
    for word in words:
        if line and len(line) + len(word) > 70:
            out.append(line)
            line = ""
        line += (" " if line else "") + word
    return [roff(line) for line in out + [line]]


def head_of(name, version):
    return ['.\\" SPDX-License-Identifier: Apache-2.0',
            f'.TH "{roff(name.upper())}" "3" "" "libcedar {version}" "Ironwood"', ".SH NAME"]


def page_of(section, version):
    names = [section.page(), *section.functions()]
    out = head_of(section.page(), version)
    out += fill([name + ("," if name != names[-1] else "") for name in names])
    out += ["\\- libcedar: " + roff(section.title), ".SH SYNOPSIS", ".nf", "#include <cedar.h>", ".fi",
            ".SH DESCRIPTION", *paragraphs(section.intro)]
    for code, comment in section.blocks:
        if not code:
            out += [".PP", *paragraphs(comment)]
            continue
        out += [".PP", ".nf", *(roff(line) or ".sp" for line in code), ".fi"]
        out += [".RS 4", *paragraphs(comment), ".RE"] if comment else []
    return "\n".join(tidy(out) + [".SH SEE ALSO", ".BR libcedar (3)"]) + "\n"


def overview(head, sections, version):
    out = head_of("libcedar", version)
    out += ["libcedar \\- the Cedar policy language in C", ".SH SYNOPSIS", ".nf", "#include <cedar.h>",
            ".sp", "cc app.c $(pkg\\-config \\-\\-cflags \\-\\-libs cedar)", ".fi", ".SH DESCRIPTION"]
    out += paragraphs(head[2:])
    out.append(".SH PARTS")
    for section in sections:
        out += [".TP", f".BR {roff(section.page())} (3)", roff(section.title)]
    return "\n".join(tidy(out) + [".SH SEE ALSO", ".BR cedar (1)"]) + "\n"


# ---- writing --------------------------------------------------------------------------------------

def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[1].startswith("-"):
        raise SystemExit(__doc__)
    share = pathlib.Path(sys.argv[2] if len(sys.argv) > 2
                         else os.environ["MESON_INSTALL_DESTDIR_PREFIX"] + "/share")

    def ask(*arguments):
        return subprocess.run([sys.argv[1], "help", *arguments], check=True, capture_output=True,
                              text=True).stdout

    man = share / "man"
    write(man / "man1/cedar.1", ask("--man"))
    for command in ask("--list").split():
        write(man / f"man1/cedar-{command}.1", ask("--man", command))
    write(share / "bash-completion/completions/cedar", ask("--completion", "bash"))
    write(share / "zsh/site-functions/_cedar", ask("--completion", "zsh"))

    version = re.search(r"version: '([^']+)'", (ROOT / "meson.build").read_text()).group(1)
    head, sections = read_header()
    write(man / "man3/libcedar.3", overview(head, sections, version))
    for section in sections:
        write(man / f"man3/{section.page()}.3", page_of(section, version))
        for function in section.functions():
            write(man / f"man3/{function}.3", f".so man3/{section.page()}.3\n")


if __name__ == "__main__":
    main()
