# SPDX-License-Identifier: Apache-2.0
"""Where the `cedar` tool takes policies from: files, directories, standard input, JSON, links."""
import json
import os

import pytest

from cli_tool import EMPTY_SCOPE, JSON_POLICY, REQUEST, SCHEMA, TEMPLATE, authorize, cedar, files


def test_a_directory_is_read_in_order_and_ids_name_the_file(files):
    files("d/b.cedar", f"permit{EMPTY_SCOPE};")
    files("d/a/x.cedar", f'permit{EMPTY_SCOPE}; @id("named") permit{EMPTY_SCOPE};')
    files("d/.hidden.cedar", "broken")
    files("d/.git/y.cedar", "broken")
    files("d/readme.txt", "broken")
    code, out, _ = authorize(files, "-v", "-p", "d", *REQUEST)
    assert code == 0
    assert [line.strip() for line in out.splitlines() if line.startswith("  ")] == [
        "a/x.cedar#policy0", "named", "b.cedar#policy0"]


def test_policies_may_be_given_several_times(files):
    files("q.cedar", f"permit{EMPTY_SCOPE};")
    code, out, _ = authorize(files, "-v", "-p", "p.cedar", "-p", "q.cedar", *REQUEST)
    assert code == 0 and "  p.cedar#policy0\n  q.cedar#policy0\n" in out


def test_an_id_may_be_used_only_once(files):
    files("d/a.cedar", f'@id("x") permit{EMPTY_SCOPE};')
    files("d/b.cedar", f'@id("x") permit{EMPTY_SCOPE};')
    code, out, _ = authorize(files, "-p", "d", *REQUEST)
    assert code == 1 and "duplicate template or policy id `x`" in out and "d/b.cedar:1:1" in out
    assert "help: the policy at d/a.cedar:1 has the same id" in out


def test_an_empty_directory_is_an_error(files):
    (files.dir / "d").mkdir()
    code, out, _ = cedar("check-parse", "-p", "d", cwd=files.dir)
    assert code == 1 and "failed to read policies from directory d" in out
    assert "there is no file of policies below it" in out and "hidden files are skipped" in out


def test_links_to_files_are_followed_but_not_to_folders(files):
    files("d/..data/x", f"permit{EMPTY_SCOPE};")
    os.symlink("..data/x", files.dir / "d" / "x.cedar")
    os.symlink("..", files.dir / "d" / "up")
    os.symlink(".", files.dir / "d" / "again")
    code, out, _ = authorize(files, "-v", "-p", "d", *REQUEST)
    assert code == 0 and "  x.cedar#policy0\n" in out and "up" not in out and "again" not in out


def test_a_link_to_nothing_is_an_error(files):
    files("d/a.cedar", "")
    os.symlink("gone", files.dir / "d" / "b.cedar")
    code, out, _ = cedar("check-parse", "-p", "d", cwd=files.dir)
    assert code == 1 and "d/b.cedar: No such file or directory" in out


@pytest.mark.parametrize("options, headline, reason", [
    (["-p", "none.cedar"], "failed to open policy set file none.cedar", "No such file or directory"),
    (["-s", "none"], "failed to open schema file none", "No such file or directory"),
    (["--entities", "."], "failed to open entities file .", "Is a directory"),
])
def test_a_file_that_cannot_be_read_is_named_with_the_reason(files, options, headline, reason):
    code, out, _ = cedar("check-parse", *options, cwd=files.dir)
    assert code == 1 and headline in out and reason in out


def test_policies_in_json(files):
    files("p.json", JSON_POLICY)
    arguments = ["--policy-format", "json", "-p", "p.json"]
    assert authorize(files, *arguments, *REQUEST) == (0, "\nALLOW\n", "")
    assert "JSON policy" in authorize(files, "-v", *arguments, *REQUEST)[1]
    files("p.json", '{"staticPolicies":{"a":' + JSON_POLICY + '}}')
    assert "  a\n" in authorize(files, "-v", *arguments, *REQUEST)[1]
    files("p.json", '{"effect":"permit"}')
    code, out, _ = authorize(files, *arguments, *REQUEST)
    assert code == 1 and "missing field `principal`" in out


def test_template_links_from_a_file(files):
    files("p.cedar", TEMPLATE)
    files("l.json", '[{"template_id":"policy0","link_id":"l",'
                    '"args":{"?principal":"User::\\"alice\\""}}]')
    arguments = ["-k", "l.json", "-p", "p.cedar", *REQUEST]
    assert authorize(files, *arguments) == (0, "\nALLOW\n", "")
    files("l.json", "\n")
    assert authorize(files, *arguments) == (2, "\nDENY\n", "")
    files("l.json", '[{"template_id":"zz","link_id":"l","args":{}}]')
    code, out, _ = authorize(files, *arguments)
    assert code == 1 and "failed to find a template with id `zz`" in out
    code, out, _ = authorize(files, "-k", "missing.json", "-p", "p.cedar", *REQUEST)
    assert code == 1 and "missing.json" in out


def test_a_directory_has_policies_in_both_forms_and_other_files(files):
    files("d/a.cedar", f"permit{EMPTY_SCOPE};")
    files("d/b.json", JSON_POLICY)
    files("d/c.cedar.json", '{"staticPolicies":{"own":' + JSON_POLICY + '}}')
    files("d/entities.json", "[]")
    files("d/config.json", '{"a": 1}')
    files("d/schema.cedarschema.json", "{}")
    files("d/x.cedarschema", SCHEMA)
    code, out, _ = authorize(files, "-v", "-p", "d", *REQUEST)
    assert code == 0
    assert [line.strip() for line in out.splitlines() if line.startswith("  ")] == [
        "a.cedar#policy0", "b.json#JSON policy", "own"]
    only = authorize(files, "-v", "-p", "d", "--policy-format", "cedar", *REQUEST)[1]
    assert "a.cedar#policy0" in only and "own" not in only


def test_links_of_a_set_in_a_directory_find_their_templates(files):
    template = JSON_POLICY.replace('"entity":{"type":"User","id":"alice"}', '"slot":"?principal"')
    files("d/a.json", '{"templates":{"t":' + template + '},"templateLinks":[{"templateId":"t",'
          '"newId":"l","values":{"?principal":{"type":"User","id":"alice"}}}]}')
    files("d/b.cedar", "")
    code, out, _ = authorize(files, "-v", "-p", "d", *REQUEST)
    assert code == 0 and "  l\n" in out
    files("d/b.json", '{"templates":{"t":' + template + '}}')
    code, out, _ = authorize(files, "-v", "-p", "d", *REQUEST)
    assert code == 1 and "help: the policy at d/a.json:1 has the same id" in out


def test_what_looks_like_no_json_at_all_in_a_directory_is_not_passed_over(files):
    """A forbid that is lost because of a missing brace would allow what it forbids."""
    files("d/a.cedar", f"permit{EMPTY_SCOPE};")
    files("d/b.json", '{"effect":"forbid",')
    code, out, _ = authorize(files, "-p", "d", *REQUEST)
    assert code == 1 and "d/b.json:1:" in out


def test_the_format_of_policies_is_found_out(files):
    for text in (f"permit{EMPTY_SCOPE};", JSON_POLICY, "\n\t " + JSON_POLICY):
        assert authorize(files, *REQUEST, stdin=text)[0] == 0
    assert authorize(files, "--policy-format", "cedar", *REQUEST, stdin=JSON_POLICY)[0] == 1
    assert authorize(files, "--policy-format", "json", *REQUEST,
                     stdin=f"permit{EMPTY_SCOPE};")[0] == 1


def test_a_file_without_end_is_refused_in_words(files):
    code, out, _ = cedar("check-parse", "-p", "/dev/zero")
    assert code == 1 and "it has more than 67108864 bytes" in out


def test_a_directory_may_be_written_with_a_slash(files):
    files("d/a.cedar", "permit(principal,action,resource);")
    code, out, _ = cedar("format", "-p", "d/", "--output", "json", cwd=files.dir)
    assert code == 0 and json.loads(out)["files"][0]["source"] == "d/a.cedar"
    (files.dir / "d" / "b.cedar").symlink_to("nowhere")
    code, out, _ = cedar("check-parse", "-p", "d/", cwd=files.dir)
    assert code == 1 and "d/b.cedar: No such file" in out


def test_a_config_map_of_kubernetes_is_a_directory_of_policies(files):
    """Its files are links into a hidden folder, which is replaced as a whole."""
    files("etc/..2026_01_01/a.cedar", "permit(principal, action, resource);")
    (files.dir / "etc" / "..data").symlink_to("..2026_01_01")
    (files.dir / "etc" / "a.cedar").symlink_to("..data/a.cedar")
    code, out, _ = authorize(files, "-p", "etc/", *REQUEST, "-v")
    assert code == 0 and out.endswith("\n  a.cedar#policy0\n\n")


@pytest.mark.parametrize("text", ["{}", " {\n} \n"])
def test_an_empty_object_is_no_policy_set(files, text):
    files("p.json", text)
    code, out, _ = cedar("check-parse", "-p", "p.json", cwd=files.dir)
    assert code == 1 and "p.json has no policies" in out and '{"staticPolicies": {}}' in out
    files("p.json", '{"staticPolicies": {}}')
    assert cedar("check-parse", "-p", "p.json", cwd=files.dir) == (0, "", "")
