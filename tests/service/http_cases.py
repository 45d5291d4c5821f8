# SPDX-License-Identifier: Apache-2.0
"""Requests as bytes, right and wrong, and a client that sends exactly those bytes.

Every row is (name, bytes, statuses). `PATH` stands for a path that answers GET, `POST` for the
start of a request that may have a JSON body, both put in by fill(). RFC numbers name the rule that
a wrong request breaks; RFC 9112 unless said otherwise.
"""
import socket
import time

H = b"Host: a\r\n"
GET = b"GET PATH HTTP/1.1\r\n"
END = b"\r\n"
BAD = {400}


def get(fields=b"", line=GET, host=H):
    return line + host + fields + END


def line(text):
    return text + b"\r\n" + H + END


REQUEST_LINES = [
    # §3: method SP request-target SP HTTP-version CRLF
    ("no method", line(b" PATH HTTP/1.1"), BAD),
    ("only a method", line(b"GET"), BAD),
    ("no target", line(b"GET HTTP/1.1"), BAD),
    ("empty target", line(b"GET  HTTP/1.1"), BAD),
    ("no version", line(b"GET PATH"), BAD),
    ("version 0.9 by omission", b"GET PATH\r\n\r\n", BAD),
    ("two spaces before the target", line(b"GET  PATH HTTP/1.1"), BAD),
    ("two spaces after the target", line(b"GET PATH  HTTP/1.1"), BAD),
    ("tab for space", line(b"GET\tPATH\tHTTP/1.1"), BAD),
    ("vertical tab for space", line(b"GET\x0bPATH HTTP/1.1"), BAD),
    ("form feed for space", line(b"GET PATH\x0cHTTP/1.1"), BAD),
    ("no-break space", line(b"GET PATH\xa0HTTP/1.1"), BAD),
    ("space behind the version", line(b"GET PATH HTTP/1.1 "), BAD),
    ("space in the target", line(b"GET PATH?a b HTTP/1.1"), BAD),
    ("words behind the version", line(b"GET PATH HTTP/1.1 x"), BAD),
    ("space first", b" " + get(), BAD),
    ("tab first", b"\t" + get(), BAD),
    ("NUL first", b"\0" + get(), BAD),
    ("byte order mark first", b"\xef\xbb\xbf" + get(), BAD),
    ("bare LF at the end of the line", b"GET PATH HTTP/1.1\n" + H + END, BAD),
    ("bare CR at the end of the line", b"GET PATH HTTP/1.1\r" + H + END, BAD),
    ("CR CR LF at the end of the line", b"GET PATH HTTP/1.1\r\r\n" + H + END, BAD),
    ("all lines end with LF", get().replace(b"\r\n", b"\n"), BAD),
    ("all lines end with CR", get().replace(b"\r\n", b"\r") + b"\r\n\r\n", BAD),
    ("bare CR before the request", b"\r" + get(), BAD),
    ("bare LF before the request", b"\n" + get(), BAD),
    ("TLS hello", bytes.fromhex("160301020001000 1fc0303".replace(" ", "")) + b"\0" * 64 + b"\r\n\r\n", BAD),
    # §3.1 and RFC 9110 §9: methods are tokens, and case-sensitive
    ("method in lower case", line(b"get PATH HTTP/1.1"), {400, 501}),
    ("unknown method", line(b"FROB PATH HTTP/1.1"), {501}),
    ("method with a slash", line(b"G/T PATH HTTP/1.1"), BAD),
    ("method with a colon", line(b"GET: PATH HTTP/1.1"), BAD),
    ("method with a quote", line(b"G\"ET PATH HTTP/1.1"), BAD),
    ("method with NUL", line(b"G\0ET PATH HTTP/1.1"), BAD),
    ("method not ASCII", line(b"G\xcbT PATH HTTP/1.1"), BAD),
    ("method very long", line(b"A" * 10_000 + b" PATH HTTP/1.1"), {400, 414, 501}),
    # §2.3 and §2.5: versions
    ("HTTP/0.9", line(b"GET PATH HTTP/0.9"), {400, 505}),
    ("HTTP/1.2", line(b"GET PATH HTTP/1.2"), {505}),
    ("HTTP/2.0", line(b"GET PATH HTTP/2.0"), {505}),
    ("HTTP/3.0", line(b"GET PATH HTTP/3.0"), {505}),
    ("HTTP/9.9", line(b"GET PATH HTTP/9.9"), {505}),
    ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505}),
    ("version in lower case", line(b"GET PATH http/1.1"), BAD),
    ("version of two digits", line(b"GET PATH HTTP/1.10"), BAD),
    ("version with a zero", line(b"GET PATH HTTP/01.1"), BAD),
    ("version without a dot", line(b"GET PATH HTTP/11"), BAD),
    ("version with a comma", line(b"GET PATH HTTP/1,1"), BAD),
    ("version with a sign", line(b"GET PATH HTTP/-1.1"), BAD),
    ("version with a space", line(b"GET PATH HTTP/ 1.1"), BAD),
    ("version cut", line(b"GET PATH HTTP/1."), BAD),
    ("version without digits", line(b"GET PATH HTTP/"), BAD),
    ("another protocol", line(b"GET PATH ICY/1.1"), BAD),
    # §3.2: request targets
    ("relative target", line(b"GET health HTTP/1.1"), BAD),
    ("target is a query", line(b"GET ?a=b HTTP/1.1"), BAD),
    ("fragment", line(b"GET PATH#x HTTP/1.1"), BAD),
    ("asterisk for GET", line(b"GET * HTTP/1.1"), BAD),
    ("asterisk and more", line(b"OPTIONS *x HTTP/1.1"), BAD),
    ("authority for GET", line(b"GET a:80 HTTP/1.1"), BAD),
    ("CONNECT", line(b"CONNECT a:80 HTTP/1.1"), {400, 405, 501}),
    ("absolute target, other scheme", line(b"GET ftp://aPATH HTTP/1.1"), BAD),
    ("absolute target without authority", line(b"GET http://PATH HTTP/1.1"), BAD),
    ("absolute target with user", line(b"GET http://u:p@aPATH HTTP/1.1"), BAD),
    ("absolute target with a bad port", line(b"GET http://a:xPATH HTTP/1.1"), BAD),
    ("absolute target but no Host", b"GET http://aPATH HTTP/1.1\r\n\r\n", BAD),
    ("NUL in the target", line(b"GET PATH?a=\0 HTTP/1.1"), BAD),
    ("control byte in the target", line(b"GET PATH?a=\x01 HTTP/1.1"), BAD),
    ("DEL in the target", line(b"GET PATH?a=\x7f HTTP/1.1"), BAD),
    ("bytes over 127 in the target", line(b"GET PATH?a=\xff HTTP/1.1"), BAD),
    ("escape cut short", line(b"GET PATH?a=%4 HTTP/1.1"), BAD),
    ("escape without digits", line(b"GET PATH/%zz HTTP/1.1"), BAD),
    ("escaped NUL", line(b"GET PATH/%00 HTTP/1.1"), BAD),
    ("escaped slash", line(b"GET PATH%2f HTTP/1.1"), BAD),
    ("dot dot", line(b"GET /x/..PATH HTTP/1.1"), BAD),
    ("dot dot escaped", line(b"GET /x/%2e%2ePATH HTTP/1.1"), BAD),
    ("dot dot above the root", line(b"GET /..PATH HTTP/1.1"), BAD),
    ("two slashes", line(b"GET /PATH HTTP/1.1"), BAD),
    ("backslash", line(b"GET \\PATH HTTP/1.1"), BAD),
    ("target too long", line(b"GET PATH?" + b"a" * 9000 + b" HTTP/1.1"), {414}),
    ("target far too long", line(b"GET PATH?" + b"a" * 100_000 + b" HTTP/1.1"), {414}),
]

FIELDS = [
    # §5: field-name ":" OWS field-value OWS
    ("space before the colon", get(b"A : b\r\n"), BAD),
    ("tab before the colon", get(b"A\t: b\r\n"), BAD),
    ("space before the colon of Host", get(host=b"Host : a\r\n"), BAD),
    ("space before the colon of Content-Length", get(b"Content-Length : 0\r\n"), BAD),
    ("space before the colon of Transfer-Encoding", get(b"Transfer-Encoding : chunked\r\n"), BAD),
    ("no colon", get(b"Abc\r\n"), BAD),
    ("empty name", get(b": b\r\n"), BAD),
    ("space in a name", get(b"A b: c\r\n"), BAD),
    ("space before the first field", GET + b" " + H + END, BAD),
    ("folded line", get(b"A: b\r\n c\r\n"), BAD),
    ("line folded with a tab", get(b"A: b\r\n\tc\r\n"), BAD),
    ("folded Host", get(host=b"Host:\r\n a\r\n"), BAD),
    ("folded Transfer-Encoding", get(b"Transfer-Encoding:\r\n chunked\r\n"), BAD),
    ("parenthesis in a name", get(b"A(b): c\r\n"), BAD),
    ("quote in a name", get(b"\"A\": c\r\n"), BAD),
    ("slash in a name", get(b"A/B: c\r\n"), BAD),
    ("at sign in a name", get(b"A@B: c\r\n"), BAD),
    ("bracket in a name", get(b"A[0]: c\r\n"), BAD),
    ("brace in a name", get(b"A{0}: c\r\n"), BAD),
    ("NUL in a name", get(b"A\0B: c\r\n"), BAD),
    ("DEL in a name", get(b"A\x7f: c\r\n"), BAD),
    ("bytes over 127 in a name", get(b"\xc3\xa4: c\r\n"), BAD),
    ("control byte in a name", get(b"A\x1b: c\r\n"), BAD),
    ("vertical tab before the colon", get(b"Content-Length\x0b: 0\r\n"), BAD),
    ("NUL in a value", get(b"A: b\0c\r\n"), BAD),
    ("bare CR in a value", get(b"A: b\rc\r\n"), BAD),
    ("bare CR and a hidden field", get(b"A: b\rContent-Length: 5\r\n"), BAD),
    ("bare LF in a value", get(b"A: b\nContent-Length: 5\r\n"), BAD),
    ("control byte in a value", get(b"A: b\x01\r\n"), BAD),
    ("escape byte in a value", get(b"A: \x1b[31m\r\n"), BAD),
    ("DEL in a value", get(b"A: b\x7f\r\n"), BAD),
    ("CR CR LF behind a value", get(b"A: b\r\r\n"), BAD),
    ("head ends with LF LF", GET + b"Host: a\n\n", BAD),
    ("head ends with CR LF LF", GET + H + b"\n", BAD),
    # §3.2 and RFC 9110 §7.2: exactly one Host
    ("no Host", get(host=b""), BAD),
    ("no Host among others", get(b"A: b\r\n", host=b""), BAD),
    ("two Hosts", get(host=H + H), BAD),
    ("two Hosts in other case", get(host=H + b"HOST: b\r\n"), BAD),
    ("two Hosts in 1.0", get(host=H + H, line=b"GET PATH HTTP/1.0\r\n"), BAD),
    ("Hosts in a list", get(host=b"Host: a, b\r\n"), BAD),
    ("empty Host", get(host=b"Host:\r\n"), BAD),
    ("Host with a space", get(host=b"Host: a b\r\n"), BAD),
    ("Host with a slash", get(host=b"Host: a/b\r\n"), BAD),
    ("Host with a user", get(host=b"Host: u@a\r\n"), BAD),
    ("Host is a URL", get(host=b"Host: http://a\r\n"), BAD),
    ("Host with a query", get(host=b"Host: a?b\r\n"), BAD),
    ("Host with a bad port", get(host=b"Host: a:x\r\n"), BAD),
    ("Host with a huge port", get(host=b"Host: a:99999\r\n"), BAD),
    ("Host with two ports", get(host=b"Host: a:1:2\r\n"), BAD),
    ("Host with an open bracket", get(host=b"Host: [::1\r\n"), BAD),
    ("Host with a bad address", get(host=b"Host: [x]\r\n"), BAD),
    ("Host with NUL", get(host=b"Host: a\0\r\n"), BAD),
    ("Host not ASCII", get(host=b"Host: \xc3\xa4\r\n"), BAD),
    # caps
    ("one very long value", get(b"A: " + b"b" * 40_000 + b"\r\n"), {431}),
    ("one very long name", get(b"A" * 40_000 + b": b\r\n"), {431}),
    ("many fields", get(b"A: b\r\n" * 200), {431}),
    ("very many fields", get(b"A: b\r\n" * 20_000), {431}),
    ("line without end", GET + b"A: " + b"b" * 40_000, {431}),
    ("request line without end", b"GET PATH" + b"a" * 40_000, {414}),
    # RFC 9110 §10.1.1
    ("unknown expectation", get(b"Expect: 200-maybe\r\n"), {417}),
]


def post(fields, body=b""):
    return b"POST" + fields + END + body


def length(value, body=b"{}"):
    return post(b"Content-Length:" + value + b"\r\n", body)


def coding(value, body=b"2\r\n{}\r\n0\r\n\r\n", more=b""):
    return post(b"Transfer-Encoding:" + value + b"\r\n" + more, body)


FRAMING = [
    # §6.3: how long the body is
    ("length and chunked", coding(b" chunked", more=b"Content-Length: 2\r\n"), BAD),
    ("chunked and length", post(b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n"), BAD),
    ("chunked and length 0", coding(b" chunked", more=b"Content-Length: 0\r\n"), BAD),
    ("two lengths", post(b"Content-Length: 2\r\nContent-Length: 3\r\n", b"{}"), BAD),
    ("one length twice", post(b"Content-Length: 2\r\nContent-Length: 2\r\n", b"{}"), BAD),
    ("one length twice in a list", length(b" 2, 2"), BAD),
    ("two lengths in a list", length(b" 2,3"), BAD),
    ("lengths in other case", post(b"content-length: 2\r\nCONTENT-LENGTH: 3\r\n", b"{}"), BAD),
    ("empty length", length(b""), BAD),
    ("blank length", length(b"  "), BAD),
    ("negative length", length(b" -2"), BAD),
    ("length minus zero", length(b" -0"), BAD),
    ("length with plus", length(b" +2"), BAD),
    ("hexadecimal length", length(b" 0x2"), BAD),
    ("length in words", length(b" two"), BAD),
    ("length with letters", length(b" 2a"), BAD),
    ("length with a space", length(b" 2 3"), BAD),
    ("length with a fraction", length(b" 2.0"), BAD),
    ("length with an exponent", length(b" 2e0"), BAD),
    ("length with underscores", length(b" 1_0"), BAD),
    ("length in quotes", length(b' "2"'), BAD),
    ("length with NUL", length(b" 2\0"), BAD),
    ("length over 64 bits", length(b" 18446744073709551618"), BAD),
    ("length of 40 digits", length(b" " + b"9" * 40), BAD),
    ("length in Arabic digits", length(b" \xd9\xa2"), BAD),
    ("length over the limit", length(b" 99999999999"), {413, 401}),
    ("length of 2^63", length(b" 9223372036854775808"), {413, 401}),
    # §6.1: transfer codings
    ("unknown coding", coding(b" gzip"), {400, 501}),
    ("coding before chunked", coding(b" gzip, chunked"), {400, 501}),
    ("coding behind chunked", coding(b" chunked, gzip"), BAD),
    ("chunked twice in a list", coding(b" chunked, chunked"), BAD),
    ("two coding fields", post(b"Transfer-Encoding: chunked\r\n" * 2, b"0\r\n\r\n"), BAD),
    ("identity", coding(b" identity"), {400, 501}),
    ("identity and chunked", post(b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), {400, 501}),
    ("empty coding", coding(b""), BAD),
    ("comma before chunked", coding(b" , chunked"), BAD),
    ("chunked with a parameter", coding(b" chunked;a=b"), {400, 501}),
    ("xchunked", coding(b" xchunked"), {400, 501}),
    ("chunkedx", coding(b" chunkedx"), {400, 501}),
    ("chunked in quotes", coding(b' "chunked"'), {400, 501}),
    ("chunked with a vertical tab", coding(b" \x0bchunked"), BAD),
    ("chunked with NUL", coding(b" chunked\0"), BAD),
    ("chunked not ASCII", coding(b" ch\xc3\xbcnked"), {400, 501}),
    ("chunked in 1.0", coding(b" chunked").replace(b"POST", b"POST10", 1), BAD),
]


def chunks(body):
    return coding(b" chunked", body)


CHUNKS = [
    # §7.1: chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
    ("empty chunk size", chunks(b"\r\n{}\r\n0\r\n\r\n"), BAD),
    ("chunk size with plus", chunks(b"+2\r\n{}\r\n0\r\n\r\n"), BAD),
    ("negative chunk size", chunks(b"-2\r\n{}\r\n0\r\n\r\n"), BAD),
    ("chunk size with 0x", chunks(b"0x2\r\n{}\r\n0\r\n\r\n"), BAD),
    ("chunk size in words", chunks(b"two\r\n{}\r\n0\r\n\r\n"), BAD),
    ("chunk size with junk", chunks(b"2z\r\n{}\r\n0\r\n\r\n"), BAD),
    ("chunk size with a space before", chunks(b" 2\r\n{}\r\n0\r\n\r\n"), BAD),
    ("chunk size with underscores", chunks(b"0_2\r\n{}\r\n0\r\n\r\n"), BAD),
    ("chunk size over 64 bits", chunks(b"10000000000000002\r\n{}\r\n0\r\n\r\n"), BAD),
    ("chunk size of 40 digits", chunks(b"f" * 40 + b"\r\n{}\r\n0\r\n\r\n"), BAD),
    ("chunk size with many zeros", chunks(b"0" * 300 + b"2\r\n{}\r\n0\r\n\r\n"), BAD),
    ("chunk size over the limit", chunks(b"7fffffff\r\n{}"), {413}),
    ("chunk line ends with LF", chunks(b"2\n{}\r\n0\r\n\r\n"), BAD),
    ("chunk line ends with CR", chunks(b"2\r{}\r\n0\r\n\r\n"), BAD),
    ("chunk line with a bare CR", chunks(b"2;a=\rb\r\n{}\r\n0\r\n\r\n"), BAD),
    ("chunk data without CRLF", chunks(b"2\r\n{}0\r\n\r\n"), BAD),
    ("chunk data ends with LF", chunks(b"2\r\n{}\n0\r\n\r\n"), BAD),
    ("chunk data too long", chunks(b"2\r\n{} \r\n0\r\n\r\n"), BAD),
    ("chunk data too short", chunks(b"5\r\n{}\r\n0\r\n\r\n"), BAD),
    ("last chunk ends with LF", chunks(b"2\r\n{}\r\n0\n\n"), BAD),
    ("extension with NUL", chunks(b"2;a=\0\r\n{}\r\n0\r\n\r\n"), BAD),
    ("extension with LF", chunks(b"2;a\nb\r\n{}\r\n0\r\n\r\n"), BAD),
    ("extension without semicolon", chunks(b"2 a\r\n{}\r\n0\r\n\r\n"), BAD),
    ("extension without end", chunks(b"2;" + b"a" * 40_000), {400, 413, 431}),
    ("extensions without end", chunks((b"1;" + b"a" * 200 + b"\r\n \r\n") * 1000), {400, 413, 431}),
    ("trailer without colon", chunks(b"2\r\n{}\r\n0\r\nabc\r\n\r\n"), BAD),
    ("trailer with space before the colon", chunks(b"2\r\n{}\r\n0\r\na : b\r\n\r\n"), BAD),
    ("trailer folded", chunks(b"2\r\n{}\r\n0\r\na: b\r\n c\r\n\r\n"), BAD),
    ("trailer with NUL", chunks(b"2\r\n{}\r\n0\r\na: \0\r\n\r\n"), BAD),
    ("trailer with bare CR", chunks(b"2\r\n{}\r\n0\r\na: b\rc\r\n\r\n"), BAD),
    ("trailers without end", chunks(b"2\r\n{}\r\n0\r\n" + b"a: b\r\n" * 20_000), {400, 431}),
]

MALFORMED = REQUEST_LINES + FIELDS + FRAMING + CHUNKS

# Unusual, and right: (name, bytes); PATH answers 200, POST leads to the handler's own answer.
WELL_FORMED = [
    ("plain", get()),
    ("HTTP/1.0", b"GET PATH HTTP/1.0\r\n\r\n"),
    ("HTTP/1.0 with Host", b"GET PATH HTTP/1.0\r\n" + H + END),
    ("one empty line first", b"\r\n" + get()),  # §2.2
    ("absolute target", line(b"GET http://aPATH HTTP/1.1")),  # §3.2.2
    ("absolute target, https", line(b"GET https://a:443PATH HTTP/1.1")),
    ("absolute target, other Host", line(b"GET http://bPATH HTTP/1.1")),
    ("empty query", line(b"GET PATH? HTTP/1.1")),
    ("query with escapes", line(b"GET PATH?a=%20&b=%c3%a4 HTTP/1.1")),
    ("path with an escaped letter", line(b"GET /h%65alth HTTP/1.1")),
    ("Host with a port", get(host=b"Host: a:8080\r\n")),
    ("Host is an IPv6 address", get(host=b"Host: [::1]:8080\r\n")),
    ("Host in other case", get(host=b"hOsT: a\r\n")),
    ("no space behind the colon", get(b"A:b\r\n", host=b"Host:a\r\n")),
    ("white space around values", get(b"A: \t b \t \r\n", host=b"Host:  a  \r\n")),
    ("empty value", get(b"A:\r\n")),
    ("odd but legal name", get(b"!#$%&'*+-.^_`|~09az: b\r\n")),
    ("bytes over 127 in a value", get(b"A: \xe4\xff\r\n")),  # RFC 9110 §5.5: obs-text
    ("tab in a value", get(b"A: b\tc\r\n")),
    ("same name twice", get(b"A: b\r\nA: c\r\n")),
    ("length 0", get(b"Content-Length: 0\r\n")),
    ("length of many zeros", get(b"Content-Length: 000000\r\n")),
    ("90 fields", get(b"A: b\r\n" * 90)),
    ("a value of 10 KB", get(b"A: " + b"b" * 10_000 + b"\r\n")),
    ("HEAD", line(b"HEAD PATH HTTP/1.1")),
]

WELL_FORMED_BODIES = [
    ("length", length(b" 2")),
    ("length with zeros", length(b" 0002")),
    ("chunked", chunks(b"2\r\n{}\r\n0\r\n\r\n")),
    ("chunked in capitals", coding(b" CHUNKED")),
    ("size in hexadecimal", chunks(b"A\r\n{}        \r\n0\r\n\r\n")),
    ("size in lower case", chunks(b"a\r\n{}        \r\n0\r\n\r\n")),
    ("size with a zero", chunks(b"02\r\n{}\r\n0\r\n\r\n")),
    ("several chunks", chunks(b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")),
    ("several zeros at the end", chunks(b"2\r\n{}\r\n000\r\n\r\n")),
    ("extension", chunks(b"2;a=b;c=\"d;e\"\r\n{}\r\n0;f\r\n\r\n")),
    ("trailers", chunks(b"2\r\n{}\r\n0\r\nA: b\r\nC: d\r\n\r\n")),
    ("length by itself in a trailer", chunks(b"2\r\n{}\r\n0\r\nContent-Length: 9\r\n\r\n")),
]


def fill(data, path="/health", post_path="/", post_fields=""):
    """Puts a service's own paths into a row."""
    fields = f"Host: a\r\nContent-Type: application/json\r\n{post_fields}"
    if data.startswith(b"POST"):
        version = b"1.0" if data.startswith(b"POST10") else b"1.1"
        start = b"POST " + post_path.encode() + b" HTTP/" + version + b"\r\n" + fields.encode()
        data = start + data[len(b"POST10" if version == b"1.0" else b"POST"):]
    return data.replace(b"PATH", path.encode())


class Wire:
    """A connection on which bytes go out as they are and answers come back one by one."""

    def __init__(self, port, timeout=10, wrap=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        if wrap is not None:
            self.socket = wrap(self.socket)
        self.unread = b""

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.socket.close()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it was answered before all of it was sent
        return self

    def fill(self):
        """False at the end of the stream."""
        try:
            piece = self.socket.recv(65536)
        except ConnectionResetError:
            piece = b""
        self.unread += piece
        return bool(piece)

    def answer(self, head_only=False):
        """(status, headers, body), or None when the peer closes without one."""
        while b"\r\n\r\n" not in self.unread:
            if not self.fill():
                assert self.unread == b"", self.unread
                return None
        head, self.unread = self.unread.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        version, status, _ = lines[0].split(" ", 2)
        assert version == "HTTP/1.1"
        headers = {}
        for text in lines[1:]:
            name, value = text.split(": ", 1) if ": " in text else (text.rstrip(":"), "")
            assert name.lower() not in headers or name.lower() == "set-cookie", f"{name} twice"
            headers[name.lower()] = value
        status = int(status)
        size = int(headers.get("content-length", 0))
        if head_only or status in (204, 304) or status < 200:
            size = 0
        while len(self.unread) < size:
            assert self.fill(), "the answer is cut"
        body, self.unread = self.unread[:size], self.unread[size:]
        return status, headers, body

    def is_closed(self, within=5):
        """Whether the peer ends the stream, without another byte, within a time."""
        self.socket.settimeout(within)
        try:
            return not self.fill() and self.unread == b""
        except TimeoutError:
            return False

    def is_open(self, for_s=0.05):
        self.socket.settimeout(for_s)
        try:
            return self.fill()
        except TimeoutError:
            return True


def status_of(port, data, timeout=2.0):
    """The status of the first answer, None when there is none in time; 200 for the body without
    a head that HTTP/0.9 had."""
    with Wire(port, timeout) as wire:
        wire.send(data)
        try:
            while wire.unread == b"":
                if not wire.fill():
                    return None
            if not wire.unread.startswith(b"HTTP/"):
                return 200
            answer = wire.answer(head_only=data.startswith(b"HEAD"))
        except TimeoutError:
            return None
        return answer and answer[0]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_listening(port, deadline_s=10):
    end = time.monotonic() + deadline_s
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < end, f"nobody listens on {port}"
            time.sleep(0.01)
