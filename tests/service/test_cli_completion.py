# SPDX-License-Identifier: Apache-2.0
"""`cedar help --completion`: what bash and zsh make of it, and that it is complete."""
import os
import pty
import re
import select
import shutil
import signal
import subprocess

import pytest

from harness import BIN_DIR, clean_environment, wait_until

CEDAR = str(BIN_DIR / "cedar")


def cedar_help(*arguments):
    result = subprocess.run([CEDAR, "help", *arguments], capture_output=True, text=True, timeout=60,
                            env=clean_environment())
    return result.returncode, result.stdout, result.stderr


def output(*arguments):
    code, out, err = cedar_help(*arguments)
    assert (code, err) == (0, "")
    return out


def commands():
    return output("--list").split()


def options_of(command):
    """As its help lists them: name -> the letter or None, whether a value follows, its choices."""
    found, name = {}, None
    for line in output(command).splitlines():
        option = re.match(r"\s+(?:-(\w), )?--([\w-]+)( <\w+>)?$", line)
        choices = re.match(r"\s+\[possible values: ([^;\]]*)", line)
        if option:
            name = option.group(2)
            found[name] = [option.group(1), option.group(3) is not None, None]
        elif choices:
            found[name][2] = choices.group(1).split(", ")
    return found


# ---- bash -----------------------------------------------------------------------------------------

@pytest.fixture
def bash(tmp_path):
    """Returns complete(*words): what bash offers for the last word."""
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    script = tmp_path / "cedar.bash"
    script.write_text(output("--completion", "bash"))

    def complete(*words, cwd=tmp_path):
        code = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cedar; '
                'printf "%s\\n" "${COMPREPLY[@]}"')
        result = subprocess.run(["bash", "--norc", "-c", code, "bash", script, "cedar", *words], cwd=cwd,
                                capture_output=True, text=True, timeout=60)
        assert (result.returncode, result.stderr) == (0, "")
        return sorted(filter(None, result.stdout.split("\n")))
    return complete


def test_bash_knows_every_command_and_option(bash):
    assert bash("") == sorted([*commands(), "help"])
    assert bash("auth") == ["authorize"]
    assert bash("help", "form") == ["format"]
    assert bash("-") == ["--error-format", "--help", "--version"]
    for command in commands():
        assert bash(command, "--") == sorted(f"--{name}" for name in options_of(command)), command


def test_bash_knows_the_values_of_options(bash):
    seen = set()
    for command in commands():
        for name, (letter, has_value, choices) in options_of(command).items():
            if choices:
                assert bash(command, f"--{name}", "") == sorted(choices), (command, name)
                seen.add(name)
                if letter:
                    assert bash(command, f"-{letter}", "") == sorted(choices)
    assert {"output", "direction", "error-format", "policy-format"} <= seen
    assert bash("translate-policy", "--direction", "j") == ["json-to-cedar"]
    # --name=value comes as three words; a global option may stand before the command
    assert bash("authorize", "--output", "=", "j") == ["json"]
    assert bash("authorize", "--output", "=") == ["json", "text"]
    assert bash("-f", "json", "authorize", "--output", "t") == ["text"]
    assert bash("--error-format", "=", "json", "forma") == ["format"]
    assert bash("help", "--completion", "") == ["bash", "zsh"]


def test_bash_knows_files_and_directories(bash, tmp_path):
    (tmp_path / "entities.json").touch()
    (tmp_path / "two words.json").touch()
    (tmp_path / "empty").mkdir()
    assert bash("authorize", "--entities", "e") == ["empty", "entities.json"]
    assert bash("authorize", "-p", "two") == ["two words.json"]
    assert bash("new", "--name", "e") == ["empty"]
    assert bash("authorize", "--principal", "") == []
    assert bash("evaluate", "") == []


def test_bash_loads_it_without_a_word(tmp_path):
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    result = subprocess.run(["bash", "--norc", "-eu", "-c", f"{CEDAR} help --completion bash >{tmp_path}/c; "
                             f"source {tmp_path}/c; complete -p cedar"], capture_output=True, text=True)
    assert (result.returncode, result.stdout, result.stderr) == (0, "complete -F _cedar cedar\n", "")


# ---- zsh ------------------------------------------------------------------------------------------

class Zsh:
    """An interactive zsh on a terminal; ^X writes the line that is being edited to a file."""

    def __init__(self, directory):
        functions = directory / "functions"
        functions.mkdir()
        (functions / "_cedar").write_text(output("--completion", "zsh"))
        self.line = directory / "line"
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(directory)
            os.execvpe("zsh", ["zsh", "-f", "-i"], {**os.environ, "TERM": "dumb", "PS1": ""})
        self.send(f"fpath=({functions} $fpath); autoload -Uz compinit; compinit -u -D\n"
                  f"show() {{ print -r -- \"$BUFFER\" >{self.line}.new; mv {self.line}.new {self.line} }}\n"
                  "zle -N show; bindkey '^X' show; unsetopt beep; setopt no_always_last_prompt\n")

    def send(self, text):
        os.write(self.terminal, text.encode())

    def complete(self, words):
        """The line after a tab."""
        self.send(words + "\t\x18")
        wait_until(self.is_shown, f"zsh to complete {words!r}", deadline_s=60)
        line = self.line.read_text().removesuffix("\n")
        self.line.unlink()
        self.send("\x15")  # clears it
        return line

    def is_shown(self):
        while select.select([self.terminal], [], [], 0)[0]:
            os.read(self.terminal, 65536)
        return self.line.exists()

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


@pytest.fixture
def zsh(tmp_path):
    if shutil.which("zsh") is None:
        pytest.skip("zsh is not installed")
    try:
        shell = Zsh(tmp_path)
    except OSError as error:
        pytest.skip(f"this system has no pseudo terminals: {error}")
    yield shell
    shell.close()


def test_zsh_completes(zsh, tmp_path):
    (tmp_path / "entities.json").touch()
    (tmp_path / "empty").mkdir()
    assert zsh.complete("cedar auth") == "cedar authorize "
    assert zsh.complete("cedar help transl") == "cedar help translate-"
    assert zsh.complete("cedar authorize --ent") == "cedar authorize --entities="
    assert zsh.complete("cedar authorize --entities ent") == "cedar authorize --entities entities.json "
    assert zsh.complete("cedar new --name emp") == "cedar new --name empty/"
    assert zsh.complete("cedar translate-policy --direction j") == \
        "cedar translate-policy --direction json-to-cedar "
    assert zsh.complete("cedar authorize --output=j") == "cedar authorize --output=json "
    assert zsh.complete("cedar -f json authorize -vt --output t") == "cedar -f json authorize -vt --output text "
    assert zsh.complete("cedar help --completion z") == "cedar help --completion zsh "


def test_zsh_reads_it(tmp_path):
    if shutil.which("zsh") is None:
        pytest.skip("zsh is not installed")
    (tmp_path / "_cedar").write_text(output("--completion", "zsh"))
    assert subprocess.run(["zsh", "-n", tmp_path / "_cedar"], capture_output=True).returncode == 0


# ---- wrong usage ----------------------------------------------------------------------------------

@pytest.mark.parametrize("arguments", [["--completion"], ["--completion", "fish"], ["--nothing"], ["-m"]])
def test_what_is_not_there(arguments):
    code, out, err = cedar_help(*arguments)
    assert (code, out) == (2, "") and "cedar help --completion bash|zsh" in err


# ---- manual pages ---------------------------------------------------------------------------------

def shown(page):
    """A manual page as the terminal shows it, without what it has to say about itself."""
    result = subprocess.run(["mandoc", "-T", "utf8"], input=page, capture_output=True, text=True)
    return re.sub(r".\x08", "", result.stdout)


@pytest.fixture(scope="module")
def mandoc():
    if shutil.which("mandoc") is None:
        pytest.skip("mandoc is not installed")

    def lint(page):
        result = subprocess.run(["mandoc", "-T", "lint", "-W", "style"], input=page, capture_output=True,
                                text=True)
        return [line for line in result.stdout.splitlines() if "missing date" not in line]
    return lint


def test_every_page_is_well_made(mandoc):
    assert mandoc(output("--man")) == []
    for command in commands():
        assert mandoc(output("--man", command)) == [], command


def test_the_page_of_a_command_has_what_its_help_has(mandoc):
    for command in commands():
        text = shown(output("--man", command))
        for name, (letter, _, choices) in options_of(command).items():
            assert f"--{name}" in text and (letter is None or f"-{letter}, " in text), (command, name)
            assert all(choice in text for choice in choices or ())
        summary = output(command).splitlines()[0]
        assert summary.split()[-1] in text
    tool = shown(output("--man"))
    assert all(f"cedar-{command}(1)" in tool for command in commands())
    assert cedar_help("--man", "nothing")[0] == 2
