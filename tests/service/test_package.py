# SPDX-License-Identifier: Apache-2.0
"""The installed package: what is in it, and that a stranger's program builds against it."""
import re
import subprocess

import pytest

from harness import ROOT
from package import EXAMPLES, expected, library, need, pkg_config, prefix, run, symbols

WARNINGS = ["-Wall", "-Wextra", "-Werror"]


def global_names(file, *options):
    out = run("nm", "-g", "--defined-only", *options, file).stdout
    return {line.split()[2].split("@")[0] for line in out.splitlines() if len(line.split()) == 3}


def test_what_is_installed():
    need("readelf")
    files = {str(path.relative_to(prefix())) for path in prefix().rglob("*") if not path.is_dir()}
    manual = {f"share/man/man3/{name}.3" for name in symbols()} | {
        "share/man/man1/cedar.1", "share/man/man1/cedar-authorize.1", "share/man/man3/libcedar.3"}
    shells = {"share/bash-completion/completions/cedar", "share/zsh/site-functions/_cedar"}
    assert manual | shells <= files
    assert {"bin/cedar", "include/cedar.h", "lib/libcedar.a", "lib/libcedar.so", "lib/libcedar.so.0",
            "lib/pkgconfig/cedar.pc"} <= files
    assert (prefix() / "include/cedar.h").read_text() == (ROOT / "include/cedar.h").read_text()
    assert "(SONAME)" in run("readelf", "-d", library()).stdout
    assert "[libcedar.so.0]" in run("readelf", "-d", library()).stdout
    version = re.search(r"version: '([^']+)'", (ROOT / "meson.build").read_text()).group(1)
    assert pkg_config("--modversion") == [version]
    assert run(prefix() / "bin/cedar", "--version").stdout == f"cedar {version}\n"


def test_both_libraries_bring_the_names_of_the_header_and_no_others():
    need("nm")
    assert global_names(library(), "-D") == symbols()
    assert global_names(prefix() / "lib/libcedar.a") == symbols()
    header = (ROOT / "include/cedar.h").read_text()
    assert set(re.findall(r"\b(cedar_\w+)\(", header)) == symbols()


def test_manual_pages_of_the_library():
    need("mandoc")
    pages = sorted((prefix() / "share/man/man3").glob("libcedar*.3"))
    said = run("mandoc", "-T", "lint", "-W", "style", *pages, ok=False).stdout.splitlines()
    assert [line for line in said if "missing date" not in line] == []
    text = {}
    for page in pages:
        text[page.name] = re.sub(r".\x08", "", run("mandoc", "-T", "utf8", page).stdout)
    # every declaration is in exactly one page, and the page of a function leads there
    for name in symbols():
        place = (prefix() / f"share/man/man3/{name}.3").read_text()
        target = re.fullmatch(r"\.so man3/(libcedar-\w+\.3)\n", place).group(1)
        assert [page for page in text if re.search(rf"\b{name}\(", text[page].split("DESCRIPTION")[1])
                and page != "libcedar.3"] == [target]
    for page in pages:
        if page.name != "libcedar.3":
            assert f"{page.stem}(3)" in text["libcedar.3"]
    assert "Threads. Immutable objects may be used" in " ".join(text["libcedar.3"].split())


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("linking", ["shared", "static"])
def test_the_c_example(tmp_path, compiler, linking):
    need(compiler)
    flags = pkg_config("--cflags", "--libs", *(["--static"] if linking == "static" else []))
    program = tmp_path / "authorize"
    run(compiler, "-std=c99", "-pedantic", *WARNINGS, EXAMPLES / "c/authorize.c", *flags, "-o", program,
        *(["-static"] if linking == "static" else []))
    env = {"LD_LIBRARY_PATH": str(prefix() / "lib")} if linking == "shared" else {}
    assert run(program, env=env).stdout == expected()
    if linking == "shared":
        assert "libcedar.so.0" in run("readelf", "-d", program).stdout


def test_the_threads_example(tmp_path):
    program = tmp_path / "threads"
    run("cc", *WARNINGS, EXAMPLES / "c/threads.c", *pkg_config("--cflags", "--libs"), "-pthread", "-o",
        program, f"-Wl,-rpath,{prefix() / 'lib'}")
    assert run(program).stdout == "80000 answers from 4 threads\n"


@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_the_cpp_example(tmp_path, compiler):
    need(compiler)
    program = tmp_path / "authorize"
    run(compiler, "-std=c++17", "-pedantic", *WARNINGS, EXAMPLES / "cpp/authorize.cpp",
        *pkg_config("--cflags", "--libs"), "-o", program, f"-Wl,-rpath,{prefix() / 'lib'}")
    assert run(program).stdout == expected()


def test_the_cpp_header_dresses_every_function():
    named = set(re.findall(r"\bcedar_\w+", (EXAMPLES / "cpp/cedar.hpp").read_text()))
    assert symbols() - named == set()


def test_a_host_may_have_our_inner_names(tmp_path):
    """arena_alloc and friends are the host's to use, beside the static library."""
    (tmp_path / "host.c").write_text(
        "#include <cedar.h>\n#include <stdio.h>\n"
        "int arena_alloc(void) { return 1; }\nint str_find(void) { return 2; }\n"
        "int assert_failed(void) { return 4; }\n"
        'int main(void) { printf("%s %d\\n", cedar_language_version(),'
        " arena_alloc() + str_find() + assert_failed()); return 0; }\n")
    run("cc", *WARNINGS, tmp_path / "host.c", *pkg_config("--cflags"), prefix() / "lib/libcedar.a", "-o",
        tmp_path / "host")
    assert run(tmp_path / "host").stdout == "4.5 7\n"


def test_the_python_example():
    need("/usr/bin/python3")
    env = {"CEDAR_LIBRARY": str(library())}
    runner = ROOT / "tests/package/run-example.sh"
    run("bash", runner, "/usr/bin/python3", EXAMPLES / "python/authorize.py", env=env)


# ---- the amalgamation -----------------------------------------------------------------------------

@pytest.fixture(scope="module")
def amalgamation(tmp_path_factory):
    directory = tmp_path_factory.mktemp("amalgamation")
    run(ROOT / "ironwood", "amalgamation", directory)
    return directory


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_one_call_of_a_compiler(amalgamation, tmp_path, compiler):
    need(compiler)
    level = "-O2" if compiler == "gcc" else "-O0"  # clang says the same at every level
    result = run(compiler, "-std=c17", level, "-Wall", "-Wextra", "-Wpedantic", "-c", amalgamation / "cedar.c",
                 "-o", tmp_path / "cedar.o")
    assert (result.stdout, result.stderr) == ("", "")
    assert global_names(tmp_path / "cedar.o") == symbols()
    run(compiler, EXAMPLES / "c/authorize.c", tmp_path / "cedar.o", f"-I{amalgamation}", "-o", tmp_path / "a")
    assert run(tmp_path / "a").stdout == expected()


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_it_builds_with_the_address_sanitizer(amalgamation, tmp_path, compiler):
    need(compiler)
    (tmp_path / "empty.c").write_text("int main(void) { return 0; }\n")
    if subprocess.run([compiler, "-fsanitize=address", "empty.c"], cwd=tmp_path, stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip(f"the address sanitizer of {compiler} is not installed")
    run(compiler, "-std=c17", "-Wall", "-Wextra", "-Werror", "-fsanitize=address", amalgamation / "cedar.c",
        EXAMPLES / "c/authorize.c", f"-I{amalgamation}", "-o", tmp_path / "a")
    assert run(tmp_path / "a").stdout == expected()


def test_it_says_what_it_is(amalgamation):
    head = (amalgamation / "cedar.c").read_text()[:400]
    assert head.startswith("/* SPDX-License-Identifier: Apache-2.0 */\n")
    assert re.search(r"libcedar \d+\.\d+\.\d+: ", head)
    assert '#include "' not in (amalgamation / "cedar.c").read_text().replace('#include "cedar.h"', "")


def test_it_passes_the_corpus(amalgamation, tmp_path):
    listed = (ROOT / "tests/conformance/meson.build").read_text()
    names = re.search(r"executable\('corpus', files\((.*?)\)", listed, flags=re.S).group(1)
    harness = [ROOT / "tests/conformance" / name for name in re.findall(r"'([\w.]+)'", names)]
    harness += [ROOT / "tests/explain/explain_check.c", *(ROOT / "src/base").glob("*.c")]
    run("gcc", "-std=gnu17", "-O1", f"-I{ROOT / 'src'}", f"-I{ROOT / 'tests/explain'}", f"-I{amalgamation}",
        *harness, prefix() / "lib/libcedar.a", "-pthread", "-o", tmp_path / "corpus")
    result = run("bash", ROOT / "tests/conformance/run-corpus.sh", ROOT, tmp_path / "corpus", ok=False)
    if result.returncode == 77:
        pytest.skip(result.stdout.strip())
    assert result.returncode == 0, result.stdout + result.stderr
    last = result.stdout.splitlines()[-1]
    assert re.fullmatch(r"[1-9]\d* passed, 0 failed", last)


def test_a_hook_of_the_host_hears_of_a_broken_assumption(amalgamation, tmp_path):
    """Only a bug of ours gets there, so one is planted: a call that slices past the end."""
    text = (amalgamation / "cedar.c").read_text()
    planted = text.replace("cedar_str cedar_str_from(const char *text) {",
                           "cedar_str cedar_str_from(const char *text) {\n"
                           "    if (str_slice(STR(\"ab\"), 1, 9).ptr != NULL) { return (cedar_str){0}; }\n", 1)
    assert planted != text
    (tmp_path / "cedar.c").write_text(planted)
    (tmp_path / "host.c").write_text(
        "#include <cedar.h>\n#include <stdio.h>\n"
        "void my_hook(const char *expression, const char *file, int line);\n"
        "void my_hook(const char *expression, const char *file, int line) {\n"
        '    printf("%s %d\\n", expression, file != NULL && line > 0);\n}\n'
        'int main(void) { printf("%zu\\n", cedar_str_from("abc").len); return 0; }\n')
    run("cc", "-O0", "-DCEDAR_ASSERT_HOOK=my_hook", f"-I{amalgamation}", tmp_path / "cedar.c",
        tmp_path / "host.c", "-o", tmp_path / "host")
    assert run(tmp_path / "host").stdout == "from <= to && to <= s.len 1\n3\n"


def test_what_cannot_be_put_together_is_an_error(tmp_path):
    """Two headers that declare one name: the tool says so and stops."""
    for part in ("tools/amalgamate.py", "meson.build", "include", "src/base", "src/cedar"):
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        run("cp", "-r", ROOT / part, tmp_path / part)
    header = tmp_path / "src/base/utf8.h"
    header.write_text(header.read_text().replace("#endif", "int str_compare(int a);\n#endif"))
    result = subprocess.run(["python3", tmp_path / "tools/amalgamate.py", tmp_path / "out"],
                            capture_output=True, text=True)
    assert result.returncode == 1 and "str_compare is also declared in" in result.stderr
