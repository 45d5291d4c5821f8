# SPDX-License-Identifier: Apache-2.0
"""An issuer of access tokens in which everything can be bent: keys, claims, key set, timing.

    with Issuer() as issuer:
        token = issuer.token(sub="alice", roles=["admin"])

Keys are made and used with the openssl command; nothing here checks anything.
"""
import base64
import hashlib
import hmac
import http.server
import json
import ssl
import subprocess
import threading
import time
import uuid


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def raw_signature(der):
    """SEQUENCE { INTEGER r, INTEGER s } as the 64 bytes of JWS (RFC 7518 §3.4)."""
    numbers = []
    at = 2
    for _ in range(2):
        assert der[at] == 2
        length = der[at + 1]
        numbers.append(int.from_bytes(der[at + 2:at + 2 + length], "big"))
        at += 2 + length
    return b"".join(n.to_bytes(32, "big") for n in numbers)


class Key:
    """A P-256 key in a file of its own."""

    def __init__(self, directory, kid=None):
        self.kid = kid or uuid.uuid4().hex
        self.path = directory / f"{self.kid}.pem"
        self.path.write_bytes(openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout"))
        self.public_pem = openssl("ec", "-in", str(self.path), "-pubout")
        point = openssl("ec", "-in", str(self.path), "-pubout", "-outform", "DER")[-64:]
        self.x, self.y = point[:32], point[32:]

    def sign(self, data):
        return raw_signature(openssl("dgst", "-sha256", "-sign", str(self.path), data=data))

    def jwk(self, **changes):
        whole = {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": self.kid,
                 "x": b64(self.x), "y": b64(self.y), **changes}
        return {k: v for k, v in whole.items() if v is not None}


def hmac_sha256(secret):
    return lambda data: hmac.new(secret, data, hashlib.sha256).digest()


def jwt(header, claims, sign):
    """The compact form; header and claims may be bytes, to be taken as they are."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, claims)]
    data = ".".join(b64(part) for part in parts).encode()
    return data.decode() + "." + b64(sign(data))


def certificate(directory, name="localhost", days=2, host=None):
    """(certificate, key) files, signed by itself, good for a host name or address."""
    files = directory / f"{name}.crt", directory / f"{name}.key"
    host = host or name
    kind = "IP" if host.replace(".", "").isdigit() else "DNS"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", str(days), "-subj", f"/CN={name}", "-addext", f"subjectAltName={kind}:{host}",
            "-out", str(files[0]), "-keyout", str(files[1]))
    return files


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass  # a client that hangs up is part of the tests


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.issuer.answer(self)

    def log_message(self, *arguments):
        pass


class Issuer:
    def __init__(self, directory, tls=None, host="127.0.0.1"):
        """tls: the files of certificate() for an issuer behind https."""
        self.directory = directory
        self.tls = tls
        self.host = host
        self.directory.mkdir(parents=True, exist_ok=True)
        self.key = Key(directory)
        self.keys = [self.key]
        self.fetches = []   # monotonic times
        self.respond = None  # function of the handler that replaces the answer
        self.port = 0
        self.server = None

    def start(self):
        self.server = Server(("127.0.0.1", self.port), Handler)
        self.server.issuer = self
        self.port = self.server.server_address[1]
        if self.tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self):
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *exception):
        self.stop()

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"

    def document(self):
        return json.dumps({"keys": [key.jwk() for key in self.keys]}).encode()

    def answer(self, handler):
        self.fetches.append(time.monotonic())
        if self.respond is not None:
            self.respond(handler)
            return
        self.send(handler, self.document())

    @staticmethod
    def send(handler, body, status=200, headers=()):
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    def new_key(self):
        """Signs from now on; the caller says when it appears in the key set."""
        self.key = Key(self.directory)
        return self.key

    def claims(self, **changes):
        """The claims of a good access token (RFC 9068); None takes one away."""
        now = int(time.time())
        whole = {"iss": self.url, "sub": "tester", "aud": ["ironwood"], "exp": now + 300, "iat": now,
                 "jti": uuid.uuid4().hex, "client_id": "tests", "scope": "openid", **changes}
        return {k: v for k, v in whole.items() if v is not None}

    def header(self, **changes):
        whole = {"alg": "ES256", "typ": "at+jwt", "kid": self.key.kid, **changes}
        return {k: v for k, v in whole.items() if v is not None}

    def token(self, header=None, sign=None, **changes):
        return jwt(self.header(**(header or {})), self.claims(**changes), sign or self.key.sign)
