# SPDX-License-Identifier: Apache-2.0
"""A client of `cedar language-server`, as an editor talks to it."""
import json
import subprocess

from harness import BIN_DIR, clean_environment


class Client:
    def __init__(self, directory, encodings=("utf-16",)):
        self.directory = directory
        self.process = subprocess.Popen([str(BIN_DIR / "cedar"), "language-server"], cwd=directory,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env=clean_environment())
        self.next_id = 0
        self.version = 0
        self.notifications = []
        self.capabilities = None
        if encodings is not None:
            self.capabilities = self.request("initialize", processId=None, rootUri=directory.as_uri(), capabilities={
                "general": {"positionEncodings": list(encodings)}})["capabilities"]
            self.notify("initialized")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(10)
        self.process.stdout.close()
        self.process.stderr.close()

    # ---- wire ----

    def send_bytes(self, body, head=None):
        self.process.stdin.write((head or f"Content-Length: {len(body)}\r\n\r\n").encode() + body)
        self.process.stdin.flush()

    def send(self, message):
        self.send_bytes(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def receive(self):
        length = None
        while (line := self.process.stdout.readline().strip()):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        assert length is not None, "the server is gone"
        return json.loads(self.process.stdout.read(length))

    def answer(self, message_id):
        while True:
            message = self.receive()
            if "method" in message:
                self.notifications.append(message)
            else:
                assert message["id"] == message_id
                return message

    def ask(self, method, **params):
        self.next_id += 1
        self.send({"id": self.next_id, "method": method, "params": params})
        return self.answer(self.next_id)

    def request(self, method, **params):
        answer = self.ask(method, **params)
        assert "error" not in answer, answer
        return answer["result"]

    def notify(self, method, **params):
        self.send({"method": method, "params": params})

    # ---- documents ----

    def uri(self, name):
        return (self.directory / name).as_uri()

    def open(self, name, text):
        self.version += 1
        self.notify("textDocument/didOpen", textDocument={
            "uri": self.uri(name), "languageId": "cedar", "version": self.version, "text": text})

    def change(self, name, text):
        self.version += 1
        self.notify("textDocument/didChange", textDocument={"uri": self.uri(name), "version": self.version},
                    contentChanges=[{"text": text}])

    def diagnostics(self, name):
        """What was last said about a document; everything sent so far has been answered."""
        self.request("textDocument/hover", textDocument={"uri": "file:///nowhere"}, position={"line": 0, "character": 0})
        said = [n["params"] for n in self.notifications if n["method"] == "textDocument/publishDiagnostics"
                and n["params"]["uri"] == self.uri(name)]
        return said[-1]["diagnostics"] if said else None

    def at(self, method, name, text, **more):
        """A request about the place marked ‸ in the text, which is the document's without the mark."""
        before, mark, after = text.partition("‸")
        assert mark
        self.open(name, before + after)
        line = before.count("\n")
        character = len(before.rpartition("\n")[2].encode("utf-16-le")) // 2
        return self.request(f"textDocument/{method}", textDocument={"uri": self.uri(name)},
                            position={"line": line, "character": character}, **more)
