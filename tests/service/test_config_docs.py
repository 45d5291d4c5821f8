# SPDX-License-Identifier: Apache-2.0
"""What is written about the programs is what the programs do."""
import re
import subprocess

import pytest

from harness import BIN_DIR, ROOT, clean_environment


def rows(table):
    return [[cell.strip() for cell in line.strip().strip("|").split("|")]
            for line in table.splitlines() if line.startswith("| `")]


@pytest.mark.parametrize("name", ["docs/configuration.md", "packaging/auth-service.conf", "packaging/policy-service.conf"])
def test_generated_files_are_up_to_date(tmp_path, name):
    """Otherwise: tools/docs.sh"""
    subprocess.run([ROOT / "tools/docs.sh", BIN_DIR, tmp_path], check=True, env=clean_environment())
    assert (ROOT / name).read_text() == (tmp_path / name).read_text()


def test_every_problem_is_documented():
    header = (ROOT / "src/server/http/problem.h").read_text()
    table = header[header.index("#define PROBLEM_TABLE"):header.index("enum problem_kind")].replace("\\\n", " ")
    known = re.findall(r'X\(PROBLEM_\w+,\s*"([^"]+)",\s*(\d+),\s*"([^"]+)"\)', table)
    assert len(known) == table.count("X(PROBLEM_") > 20
    written = rows((ROOT / "docs/problems.md").read_text())
    assert [(row[0].strip("`"), row[1], row[2]) for row in written] == known
    for row in written:
        assert len(row) == 4 and len(row[3]) > 20 and row[3].endswith("."), row


def test_every_route_of_policy_service_is_documented():
    """The list of endpoints is the route table."""
    routes = re.findall(r'\{HTTP_(\w+),\s*"([^"]+)"', (ROOT / "src/policy/routes.c").read_text())
    assert len(routes) > 5
    document = (ROOT / "docs/api/policy.md").read_text()
    assert set(re.findall(r"`(GET|POST) (/[^`]*)`", document)) == set(routes)


def section(service):
    """The part of docs/configuration.md about one service."""
    document = (ROOT / "docs/configuration.md").read_text()
    return document[document.index(f"## {service}\n"):].split("\n## ")[0]


@pytest.mark.parametrize("service", ["policy", "auth"])
def test_settings_in_the_interface_pages_exist(service):
    keys = {row[0].strip("`") for row in rows(section(f"{service}-service"))}
    document = (ROOT / f"docs/api/{service}.md").read_text()
    named = re.findall(r"`([a-z_]+) = [^`]+`", document)
    assert set(named) <= keys
    assert named


@pytest.mark.parametrize("service", ["auth-service", "policy-service"])
def test_help_lists_every_key(service):
    text = subprocess.run([BIN_DIR / service, "--help"], check=True, stdout=subprocess.PIPE, text=True,
                          env=clean_environment()).stdout
    keys = [row[0].strip("`") for row in rows(section(service))]
    assert len(keys) > 20
    for key in keys:
        assert f"\n  --{key.replace('_', '-')}\n" in text, key
    version = subprocess.run([BIN_DIR / service, "--version"], check=True, stdout=subprocess.PIPE, text=True,
                             env=clean_environment()).stdout
    assert re.fullmatch(service + r" \d+\.\d+\.\d+\n", version)


@pytest.mark.parametrize("service", ["auth-service", "policy-service"])
def test_the_sample_file_is_a_configuration_when_uncommented(service, tmp_path):
    """Every default in the sample is a value that the program takes, and changes nothing."""
    sample = (ROOT / f"packaging/{service}.conf").read_text()
    lines = [line[1:] for line in sample.splitlines() if re.fullmatch(r"#[a-z0-9_]+ = .+", line)]
    assert len(lines) > 15
    (tmp_path / "all.conf").write_text("\n".join(lines))

    def shown(*arguments):
        text = subprocess.run([BIN_DIR / service, "--print-config", *arguments], check=True, stdout=subprocess.PIPE,
                              text=True, env=clean_environment()).stdout
        return [line for line in text.splitlines() if not line.startswith("#")]
    assert shown("--config", tmp_path / "all.conf") == shown()
