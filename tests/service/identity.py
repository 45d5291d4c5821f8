# SPDX-License-Identifier: Apache-2.0
"""People, browsers, OAuth clients and hand-made tokens for the tests of auth-service.

Everything here knows the published interface only: HTTP, HTML forms, cookies and JWTs. Signatures
are made and checked by the openssl command, so that they are judged by code that is not ours.
"""
import base64
import contextlib
import hashlib
import html.parser
import http.client
import itertools
import json
import secrets
import socket
import subprocess
import tempfile
import threading
import urllib.parse

from harness import AuthService, clean_environment

# Cheap hashes and no limits that another test could run into; single tests put limits back.
QUICK = ["--argon2-memory", "64K", "--argon2-passes", "1", "--logins-per-minute", "0",
         "--throttle-address", "1000000", "--throttle-free", "1000"]
DEMO = [*QUICK, "--demo"]
PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


def quick_auth(directory, *arguments, env=None):
    return AuthService(directory, [*DEMO, *arguments], env)


def restart(service, stop="stop", arguments=(), env=None):
    """The same state, port and therefore issuer; `stop` may be "kill"."""
    port = service.port
    getattr(service, stop)()
    if "--port" not in service.arguments:
        service.arguments += ["--port", str(port)]
    service.arguments += [str(a) for a in arguments]
    if env is not None:
        service.env = env
    return service.start()


def refused_start(service, arguments=("--port", "0")):
    """Runs a start that must fail: (exit code, standard output, standard error)."""
    command = [*service.command(), *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.PIPE, env=clean_environment(service.env)) as process:
        try:
            output, said = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise AssertionError(f"{command} runs, but must not") from None
    assert process.returncode != 0
    return process.returncode, output, said


def root_secret():
    """A value for JWT_SECRET, as `openssl rand -base64 32` makes it."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


# ---- people ------------------------------------------------------------------------------------

class Person:
    def __init__(self, service, email=None, password=PASSWORD, name="Ada Tester"):
        self.service = service
        self.email = email or f"person{next(_numbers)}@example.com"
        self.password = password
        self.name = name

    def register(self):
        answer = self.service.post_json("/api/v1/auth/register", {
            "email": self.email, "password": self.password, "name": self.name})
        assert answer[0] == 201, answer
        self.id = answer[2]["id"]
        return self

    def try_login(self, password=None):
        return self.service.post_json("/api/v1/auth/login", {
            "email": self.email, "password": self.password if password is None else password})

    def login(self):
        status, _, tokens = self.try_login()
        assert status == 200, tokens
        return tokens


def new_person(service, **known):
    return Person(service, **known).register()


def administrator(service):
    """The first administrator, with the one-time password that the service made."""
    data = service.directory / "data"
    return Person(service, "admin@ironwood.local", (data / "admin-password").read_text().strip())


def refresh(service, token):
    return service.post_json("/api/v1/auth/refresh", {"refresh_token": token})


def me(service, token):
    return service.get_json("/api/v1/auth/me", token)


def in_parallel(count, work):
    """Runs work(i) in `count` threads that begin together; their results in order."""
    barrier = threading.Barrier(count)
    results = [None] * count
    failures = []

    def run(i):
        try:
            barrier.wait()
            results[i] = work(i)
        except Exception as failure:  # shown by the main thread below
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures
    return results


# ---- JWTs --------------------------------------------------------------------------------------

def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def jwt_parts(token):
    """(header, claims) without looking at the signature."""
    header, claims, _ = token.split(".")
    return json.loads(unb64url(header)), json.loads(unb64url(claims))


def jwt_assemble(header, claims, signature=b""):
    return ".".join([b64url(json.dumps(header).encode()), b64url(json.dumps(claims).encode()),
                     b64url(signature)])


def _der_integer(data):
    data = data.lstrip(b"\0") or b"\0"
    data = b"\0" + data if data[0] & 0x80 else data
    return bytes([2, len(data)]) + data


def jwk_pem(jwk):
    """A P-256 JWK as SubjectPublicKeyInfo."""
    prefix = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
    der = prefix + unb64url(jwk["x"]) + unb64url(jwk["y"])
    lines = base64.encodebytes(der).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{lines}-----END PUBLIC KEY-----\n"


def jwt_is_signed_by(token, jwk):
    signed, _, signature = token.rpartition(".")
    raw = unb64url(signature)
    assert len(raw) == 64, "an ES256 signature has 64 bytes"
    numbers = _der_integer(raw[:32]) + _der_integer(raw[32:])
    with tempfile.TemporaryDirectory() as scratch:
        with open(f"{scratch}/key.pem", "w") as key, open(f"{scratch}/signature", "wb") as out:
            key.write(jwk_pem(jwk))
            out.write(bytes([0x30, len(numbers)]) + numbers)
        return subprocess.run(
            ["openssl", "dgst", "-sha256", "-verify", f"{scratch}/key.pem", "-signature",
             f"{scratch}/signature"], input=signed.encode(), capture_output=True).returncode == 0


class Forger:
    """An ES256 key that nobody has published."""

    def __init__(self, directory):
        self.path = directory / "forger.pem"
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out",
                        str(self.path)], check=True, capture_output=True)
        der = subprocess.run(["openssl", "ec", "-in", str(self.path), "-pubout", "-outform", "DER"],
                             check=True, capture_output=True).stdout
        self.jwk = {"kty": "EC", "crv": "P-256", "x": b64url(der[-64:-32]), "y": b64url(der[-32:])}

    def sign(self, header, claims):
        signed = jwt_assemble(header, claims).rpartition(".")[0]
        der = subprocess.run(["openssl", "dgst", "-sha256", "-sign", str(self.path)],
                             input=signed.encode(), check=True, capture_output=True).stdout
        first = der[3]
        r, s = der[4:4 + first], der[6 + first:]
        raw = b"".join(n.lstrip(b"\0").rjust(32, b"\0") for n in (r, s))
        return f"{signed}.{b64url(raw)}"


def jwks(service):
    return {key["kid"]: key for key in service.get_json("/.well-known/jwks.json")[2]["keys"]}


# ---- a browser ---------------------------------------------------------------------------------

class Page(html.parser.HTMLParser):
    """Forms, text and labels of an HTML page."""

    def __init__(self, text):
        super().__init__()
        self.forms = []
        self.buttons = []
        self.labels = {}
        self.ids = {}
        self.alert = None
        self.title = ""
        self._open = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if "id" in values:
            self.ids[values["id"]] = (tag, values)
        if tag == "form":
            self.forms.append({"action": values.get("action"), "method": values.get("method"),
                               "fields": {}})
        elif tag == "input" and self.forms:
            self.forms[-1]["fields"][values["name"]] = values.get("value", "")
        elif tag == "button":
            self.buttons.append(values)
        if values.get("role") == "alert":
            self.alert = ""
        if tag not in ("input", "meta", "link", "br"):
            self._open.append((tag, values))

    def handle_endtag(self, tag):
        if self._open:
            self._open.pop()

    def handle_data(self, data):
        if not self._open:
            return
        tag, values = self._open[-1]
        if tag == "title":
            self.title += data
        if tag == "label":
            self.labels[values.get("for")] = data
        if any(v.get("role") == "alert" for _, v in self._open):
            self.alert += data


class Browser:
    """Cookies and forms; follows nothing by itself."""

    def __init__(self, service):
        self.service = service
        self.cookies = {}
        self.set_cookies = []  # every Set-Cookie header as it came

    def request(self, method, path, body=None, headers=None):
        sent = dict(headers or {})
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{n}={v}" for n, v in self.cookies.items())
        connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=sent)
            answer = connection.getresponse()
            text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            self.set_cookies.append(cookie)
            name, _, rest = cookie.partition("=")
            value = rest.partition(";")[0]
            if "Max-Age=0" in cookie or not value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, text

    def get(self, path, headers=None):
        return self.request("GET", path, headers=headers)

    def post(self, path, fields, headers=None):
        return self.request("POST", path, urllib.parse.urlencode(fields), {
            "Content-Type": "application/x-www-form-urlencoded", **(headers or {})})

    def open_sign_in(self, client, **parameters):
        """The form's hidden fields on the page that the authorization request shows."""
        status, _, text = self.get(client.authorize_path(**parameters))
        assert status == 200, text
        page = Page(text)
        assert page.forms, text
        return page.forms[0]

    def submit(self, form, headers=None, **fields):
        return self.post(form["action"], {**form["fields"], **fields}, headers)

    def sign_in(self, client, person, **parameters):
        """The whole way to the redirect; its parameters."""
        form = self.open_sign_in(client, **parameters)
        status, headers, text = self.submit(form, email=person.email, password=person.password)
        assert status == 303, text
        return redirect_parameters(headers)

    def code_for(self, client, person, **parameters):
        return self.sign_in(client, person, **parameters)["code"]


def redirect_parameters(headers):
    query = urllib.parse.urlsplit(headers["location"]).query
    pairs = urllib.parse.parse_qsl(query, keep_blank_values=True, strict_parsing=True)
    assert len({name for name, _ in pairs}) == len(pairs), "each parameter comes once"
    return dict(pairs)


# ---- OAuth clients -----------------------------------------------------------------------------

VERIFIER = "a-verifier-of-enough-characters.for~RFC_7636-section-4.1"


def challenge_of(verifier):
    return b64url(hashlib.sha256(verifier.encode()).digest())


def basic(client_id, secret):
    pair = ":".join(urllib.parse.quote_plus(part) for part in (client_id, secret))
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


class OAuthClient:
    redirect_uri = "http://127.0.0.1:9/callback"

    def __init__(self, service, client_id, secret=None):
        self.service = service
        self.id = client_id
        self.secret = secret

    def parameters(self, **changed):
        """Those of an authorization request; a value of None leaves one out."""
        values = {"client_id": self.id, "response_type": "code", "redirect_uri": self.redirect_uri,
                  "scope": "openid profile email offline_access", "state": "st-4711",
                  "nonce": "no-0815", "code_challenge": challenge_of(VERIFIER),
                  "code_challenge_method": "S256", **changed}
        return {name: value for name, value in values.items() if value is not None}

    def authorize_path(self, **changed):
        return "/oauth/authorize?" + urllib.parse.urlencode(self.parameters(**changed))

    def authentication(self):
        """(headers, fields) with which this client authenticates."""
        return (basic(self.id, self.secret), {}) if self.secret else ({}, {"client_id": self.id})

    def post(self, path, fields, authentication=None):
        """POSTs a form as this client: (status, headers, JSON or bytes)."""
        headers, credentials = self.authentication() if authentication is None else authentication
        fields = {n: v for n, v in {**credentials, **fields}.items() if v is not None}
        status, answered, body = self.service.request(
            "POST", path, urllib.parse.urlencode(fields),
            {"Content-Type": "application/x-www-form-urlencoded", **headers})
        return status, answered, json.loads(body) if body else body

    def token(self, grant_type, authentication=None, **fields):
        return self.post("/oauth/token", {"grant_type": grant_type, **fields}, authentication)

    def redeem(self, a_code, authentication=None, **changed):
        fields = {"code": a_code, "redirect_uri": self.redirect_uri, "code_verifier": VERIFIER}
        return self.token("authorization_code", authentication, **{**fields, **changed})

    def refresh(self, token, **changed):
        return self.token("refresh_token", refresh_token=token, **changed)

    def tokens_for(self, person, browser=None, **parameters):
        """Signs the person in and redeems the code."""
        browser = browser or Browser(self.service)
        status, _, tokens = self.redeem(browser.code_for(self, person, **parameters))
        assert status == 200, tokens
        return tokens


def web_client(service):
    """The confidential demo client."""
    secret = (service.directory / "data" / "demo-web-secret").read_text().strip()
    return OAuthClient(service, "demo-web", secret)


def app_client(service):
    """The public demo client."""
    return OAuthClient(service, "demo-app")


def oauth_error(answer, status=400):
    """Checks the form of an error answer of RFC 6749 §5.2 and returns its code."""
    assert answer[0] == status, answer
    assert answer[1]["content-type"] == "application/json"
    assert answer[1]["cache-control"] == "no-store"
    assert set(answer[2]) <= {"error", "error_description", "error_uri"}, answer[2]
    # RFC 6749 §5.2: printable ASCII without quotation mark and backslash
    for value in answer[2].values():
        assert all(0x20 <= ord(c) < 0x7f and c not in '"\\' for c in value), answer[2]
    return answer[2]["error"]


def userinfo(service, token):
    return service.get_json("/oauth/userinfo", token)


def port_is_closed(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def audit_records(service, action=None):
    text = (service.directory / "data" / "audit.log").read_text()
    records = [json.loads(line) for line in text.splitlines()]
    return [record for record in records if action is None or record["action"] == action]
