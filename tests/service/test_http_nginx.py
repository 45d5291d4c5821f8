# SPDX-License-Identifier: Apache-2.0
"""The same bytes to nginx: what nginx refuses, we refuse.

Two parsers that disagree about one request are the root of request smuggling, and nginx is what
most often stands in front of us. Where we are stricter than nginx is our choice; where nginx is
stricter than we are has to be justified here.
"""
import shutil
import subprocess

import pytest

from fake_issuer import Issuer
from harness import PolicyService, wait_until
from http_cases import MALFORMED, WELL_FORMED, WELL_FORMED_BODIES, Wire, fill, free_port, status_of, wait_listening

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed (Debian: nginx-light)")

CONFIG = """
daemon off;
master_process off;
pid {prefix}/nginx.pid;
error_log {prefix}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    large_client_header_buffers 4 16k;  # as large as ours
    client_body_temp_path {prefix}/body;
    proxy_temp_path {prefix}/proxy;
    fastcgi_temp_path {prefix}/fastcgi;
    uwsgi_temp_path {prefix}/uwsgi;
    scgi_temp_path {prefix}/scgi;
    server {{
        listen 127.0.0.1:{port};
        # Reads the whole body before it speaks to the other side, so that bodies are judged too.
        location / {{ proxy_pass http://127.0.0.1:{behind}; }}
    }}
    server {{
        listen 127.0.0.1:{behind};
        location / {{ return 200 "ok"; }}
    }}
}}
"""

# Rows that nginx refuses and we serve, each with the reason why we do.
JUSTIFIED = {
}


@pytest.fixture(scope="module")
def nginx(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("nginx")
    port, behind = free_port(), free_port()
    config = prefix / "nginx.conf"
    config.write_text(CONFIG.format(prefix=prefix, port=port, behind=behind))
    process = subprocess.Popen([NGINX, "-p", str(prefix), "-c", str(config), "-e", str(prefix / "error.log")],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_listening(port)
    wait_listening(behind)
    yield port
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    directory = tmp_path_factory.mktemp("beside-nginx")
    with Issuer(directory / "issuer") as issuer, PolicyService(directory, issuer.url) as policy:
        token = issuer.token()
        wait_until(lambda: policy.post_json("/v1/authorize", {}, token)[0] == 400, "keys")
        yield policy.port, lambda data: fill(data, post_path="/v1/authorize",
                                             post_fields=f"Authorization: Bearer {token}\r\n")


def is_refused(status):
    return status is not None and status >= 400


# What a proxy in front of us would have to make of the request: complete, and of one meaning.
ROWS = [(name, data) for name, data, _ in MALFORMED]


@pytest.mark.parametrize("name", [name for name, _ in ROWS])
def test_what_nginx_refuses_we_refuse(nginx, ours, name):
    port, filled = ours
    data = filled(dict(ROWS)[name])
    theirs = status_of(nginx, data, 0.5)
    if theirs in (400, 405, 413, 414, 431, 501, 505):
        mine = status_of(port, data)
        assert is_refused(mine) or name in JUSTIFIED, f"nginx: {theirs}, we: {mine}"


@pytest.mark.parametrize("name", [name for name, _ in WELL_FORMED + WELL_FORMED_BODIES])
def test_what_we_serve_nginx_serves(nginx, ours, name):
    """The rows that we call right are right for somebody else as well."""
    port, filled = ours
    data = filled(dict(WELL_FORMED + WELL_FORMED_BODIES)[name])
    theirs = status_of(nginx, data, 2)
    assert theirs == 200 or name in JUSTIFIED, theirs
    with Wire(port) as wire:
        status, _, body = wire.send(data).answer(head_only=data.startswith(b"HEAD"))
        # The handler's own answer to an empty question, or success.
        assert status == 200 or b"invalid-field" in body
