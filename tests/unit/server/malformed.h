/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_SERVER_MALFORMED_H
#define TESTS_UNIT_SERVER_MALFORMED_H
/*
 * Requests that must be refused, with the status. Used twice: on the parser, and over a socket,
 * where the connection must also be closed afterwards. All are complete up to the mistake.
 */
#include "base/str.h"

struct malformed {
    const char *name;
    int status;
    str bytes;
};

#define H "Host: a\r\n"
#define GET "GET /hello HTTP/1.1\r\n"
#define POST "POST /echo HTTP/1.1\r\n" H
#define ROW(name, status, bytes) \
    { name, status, STR_INIT(bytes) }

static const struct malformed malformed_heads[] = {
    /* request line */
    ROW("two empty lines first", 400, "\r\n\r\n" GET H "\r\n"),
    ROW("bare LF first", 400, "\n" GET H "\r\n"),
    ROW("bare CR first", 400, "\r" GET H "\r\n"),
    ROW("space first", 400, " " GET H "\r\n"),
    ROW("no method", 400, " /hello HTTP/1.1\r\n" H "\r\n"),
    ROW("TLS hello on a plain port", 400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    ROW("NUL in the method", 400, "GE\0T /hello HTTP/1.1\r\n" H "\r\n"),
    ROW("colon in the method", 400, "GET: /hello HTTP/1.1\r\n" H "\r\n"),
    ROW("method too long", 501,
        "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ /hello HTTP/1.1\r\n" H "\r\n"),
    ROW("tab for space", 400, "GET\t/hello HTTP/1.1\r\n" H "\r\n"),
    ROW("two spaces before the target", 400, "GET  /hello HTTP/1.1\r\n" H "\r\n"),
    ROW("two spaces after the target", 400, "GET /hello  HTTP/1.1\r\n" H "\r\n"),
    ROW("space behind the version", 400, "GET /hello HTTP/1.1 \r\n" H "\r\n"),
    ROW("no version", 400, "GET /hello\r\n" H "\r\n"),
    ROW("HTTP/0.9 form", 400, "GET /hello\r\n\r\n"),
    ROW("version in lower case", 400, "GET /hello http/1.1\r\n" H "\r\n"),
    ROW("version without a dot", 400, "GET /hello HTTP/11\r\n" H "\r\n\r\n"),
    ROW("version with two digits", 400, "GET /hello HTTP/1.10\r\n" H "\r\n"),
    ROW("version with leading zero", 400, "GET /hello HTTP/01.1\r\n" H "\r\n"),
    ROW("version with sign", 400, "GET /hello HTTP/+1.1\r\n" H "\r\n"),
    ROW("another protocol", 400, "GET /hello HTTPS/1.1\r\n" H "\r\n"),
    ROW("HTTP/0.9", 505, "GET /hello HTTP/0.9\r\n" H "\r\n"),
    ROW("HTTP/1.2", 505, "GET /hello HTTP/1.2\r\n" H "\r\n"),
    ROW("HTTP/2.0", 505, "GET /hello HTTP/2.0\r\n" H "\r\n"),
    ROW("HTTP/3.0", 505, "GET /hello HTTP/3.0\r\n" H "\r\n"),
    ROW("HTTP/2 preface", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ROW("request line ends with LF", 400, "GET /hello HTTP/1.1\n" H "\r\n"),
    ROW("request line ends with CR", 400, "GET /hello HTTP/1.1\r" H "\r\n"),
    /* target */
    ROW("target without slash", 400, "GET hello HTTP/1.1\r\n" H "\r\n"),
    ROW("target is a query", 400, "GET ?a=b HTTP/1.1\r\n" H "\r\n"),
    ROW("authority form", 400, "GET a:80 HTTP/1.1\r\n" H "\r\n"),
    ROW("CONNECT", 400, "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"),
    ROW("asterisk with GET", 400, "GET * HTTP/1.1\r\n" H "\r\n"),
    ROW("asterisk and more", 400, "OPTIONS *a HTTP/1.1\r\n" H "\r\n"),
    ROW("another scheme", 400, "GET ftp://a/hello HTTP/1.1\r\n" H "\r\n"),
    ROW("absolute target without host", 400, "GET http:///hello HTTP/1.1\r\n" H "\r\n"),
    ROW("absolute target with user", 400, "GET http://u@a/hello HTTP/1.1\r\n" H "\r\n"),
    ROW("absolute target with bad port", 400, "GET http://a:x/hello HTTP/1.1\r\n" H "\r\n"),
    ROW("absolute target without Host", 400, "GET http://a/hello HTTP/1.1\r\n\r\n"),
    ROW("scheme without slashes", 400, "GET http:a/hello HTTP/1.1\r\n" H "\r\n"),
    ROW("fragment", 400, "GET /hello#x HTTP/1.1\r\n" H "\r\n"),
    ROW("fragment in the query", 400, "GET /hello?a#x HTTP/1.1\r\n" H "\r\n"),
    ROW("NUL in the target", 400, "GET /he\0llo HTTP/1.1\r\n" H "\r\n"),
    ROW("control byte in the target", 400, "GET /he\x01llo HTTP/1.1\r\n" H "\r\n"),
    ROW("DEL in the target", 400, "GET /he\x7fllo HTTP/1.1\r\n" H "\r\n"),
    ROW("UTF-8 in the target", 400, "GET /h\xc3\xa9llo HTTP/1.1\r\n" H "\r\n"),
    ROW("bracket in the query", 400, "GET /hello?a[]=1 HTTP/1.1\r\n" H "\r\n"),
    ROW("escape cut short in the query", 400, "GET /hello?a=%4 HTTP/1.1\r\n" H "\r\n"),
    /* header lines */
    ROW("white space before the first header", 400, GET " " H "\r\n"),
    ROW("folded line", 400, GET H "A: b\r\n c\r\n\r\n"),
    ROW("line folded with a tab", 400, GET H "A: b\r\n\tc\r\n\r\n"),
    ROW("space before the colon", 400, GET "Host : a\r\n\r\n"),
    ROW("tab before the colon", 400, GET H "A\t: b\r\n\r\n"),
    ROW("no colon", 400, GET H "Abc\r\n\r\n"),
    ROW("empty name", 400, GET H ": b\r\n\r\n"),
    ROW("space in the name", 400, GET H "A b: c\r\n\r\n"),
    ROW("parenthesis in the name", 400, GET H "A(b): c\r\n\r\n"),
    ROW("quote in the name", 400, GET H "\"A\": c\r\n\r\n"),
    ROW("slash in the name", 400, GET H "A/b: c\r\n\r\n"),
    ROW("NUL in the name", 400, GET H "A\0b: c\r\n\r\n"),
    ROW("control byte in the name", 400, GET H "A\x0b: c\r\n\r\n"),
    ROW("UTF-8 in the name", 400, GET H "\xc3\xa9: c\r\n\r\n"),
    ROW("NUL in a value", 400, GET H "A: b\0c\r\n\r\n"),
    ROW("control byte in a value", 400, GET H "A: b\x01\r\n\r\n"),
    ROW("vertical tab in a value", 400, GET H "A: b\x0b\r\n\r\n"),
    ROW("escape byte in a value", 400, GET H "A: \x1b[0m\r\n\r\n"),
    ROW("DEL in a value", 400, GET H "A: b\x7f\r\n\r\n"),
    ROW("bare CR in a value", 400, GET H "A: b\rc\r\n\r\n"),
    ROW("bare LF after a value", 400, GET H "A: b\nC: d\r\n\r\n"),
    ROW("CR CR LF", 400, GET H "A: b\r\r\n\r\n"),
    ROW("head ends with LF LF", 400, GET "Host: a\n\n"),
    ROW("head ends with CR LF LF", 400, GET "Host: a\r\n\n"),
    ROW("head ends with CR LF CR and more", 400, GET "Host: a\r\n\rX"),
    /* Host */
    ROW("no Host", 400, GET "\r\n"),
    ROW("no Host among others", 400, GET "A: b\r\n\r\n"),
    ROW("two Hosts", 400, GET H H "\r\n"),
    ROW("two different Hosts", 400, GET H "Host: b\r\n\r\n"),
    ROW("two Hosts in 1.0", 400, "GET /hello HTTP/1.0\r\n" H H "\r\n"),
    ROW("empty Host", 400, GET "Host:\r\n\r\n"),
    ROW("blank Host", 400, GET "Host:   \r\n\r\n"),
    ROW("space in Host", 400, GET "Host: a b\r\n\r\n"),
    ROW("comma in Host", 400, GET "Host: a,b\r\n\r\n"),
    ROW("slash in Host", 400, GET "Host: a/b\r\n\r\n"),
    ROW("user in Host", 400, GET "Host: u@a\r\n\r\n"),
    ROW("scheme in Host", 400, GET "Host: http://a\r\n\r\n"),
    ROW("letters as port", 400, GET "Host: a:b\r\n\r\n"),
    ROW("port too large", 400, GET "Host: a:65536\r\n\r\n"),
    ROW("port with many digits", 400, GET "Host: a:000000080\r\n\r\n"),
    ROW("two ports", 400, GET "Host: a:1:2\r\n\r\n"),
    ROW("port alone", 400, GET "Host: :80\r\n\r\n"),
    ROW("leading dot in Host", 400, GET "Host: .a\r\n\r\n"),
    ROW("empty label in Host", 400, GET "Host: a..b\r\n\r\n"),
    ROW("open bracket in Host", 400, GET "Host: [::1\r\n\r\n"),
    ROW("letters in brackets", 400, GET "Host: [xyz::]\r\n\r\n"),
    ROW("empty brackets", 400, GET "Host: []\r\n\r\n"),
    ROW("junk behind brackets", 400, GET "Host: [::1]a\r\n\r\n"),
    ROW("UTF-8 in Host", 400, GET "Host: \xc3\xa9\r\n\r\n"),
    /* framing */
    ROW("length and chunked", 400,
        POST "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ROW("chunked and length", 400,
        POST "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"),
    ROW("same length twice", 400, POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\na"),
    ROW("different lengths", 400, POST "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
    ROW("list of lengths", 400, POST "Content-Length: 1, 1\r\n\r\na"),
    ROW("empty length", 400, POST "Content-Length:\r\n\r\n"),
    ROW("negative length", 400, POST "Content-Length: -1\r\n\r\n"),
    ROW("length with plus", 400, POST "Content-Length: +1\r\n\r\na"),
    ROW("hexadecimal length", 400, POST "Content-Length: 0x1\r\n\r\na"),
    ROW("length with letters", 400, POST "Content-Length: 1a\r\n\r\na"),
    ROW("length with space", 400, POST "Content-Length: 1 1\r\n\r\na"),
    ROW("length with fraction", 400, POST "Content-Length: 1.0\r\n\r\na"),
    ROW("length with quotes", 400, POST "Content-Length: \"1\"\r\n\r\na"),
    ROW("tab before the length", 400, POST "Content-Length:\t1\r\n\r\na"),
    ROW("tab behind the length", 400, POST "Content-Length: 1 \t\r\n\r\na"),
    ROW("tab before chunked", 400, POST "Transfer-Encoding: \tchunked\r\n\r\n0\r\n\r\n"),
    ROW("tab before Host", 400, GET "Host:\ta\r\n\r\n"),
    ROW("length over 64 bits", 400, POST "Content-Length: 18446744073709551616\r\n\r\n"),
    ROW("unknown coding", 400, POST "Transfer-Encoding: gzip\r\n\r\n"),
    ROW("coding before chunked", 400, POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    ROW("coding behind chunked", 400, POST "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"),
    ROW("chunked twice", 400, POST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
    ROW("two coding headers", 400,
        POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ROW("identity and chunked", 400,
        POST "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ROW("empty coding", 400, POST "Transfer-Encoding:\r\n\r\n"),
    ROW("chunked with a parameter", 400, POST "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"),
    ROW("misspelt chunked", 400, POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    ROW("quoted chunked", 400, POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"),
    ROW("chunked in 1.0", 400,
        "POST /echo HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
};

#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

/* The head is right, the body is not. */
static const struct malformed malformed_bodies[] = {
    ROW("empty size", 400, CHUNKED "\r\n\r\n"),
    ROW("size with plus", 400, CHUNKED "+1\r\na\r\n0\r\n\r\n"),
    ROW("negative size", 400, CHUNKED "-1\r\na\r\n0\r\n\r\n"),
    ROW("size with prefix", 400, CHUNKED "0x1\r\na\r\n0\r\n\r\n"),
    ROW("space before the size", 400, CHUNKED " 1\r\na\r\n0\r\n\r\n"),
    ROW("space behind the size", 400, CHUNKED "1 \r\na\r\n0\r\n\r\n"),
    ROW("tab behind the size", 400, CHUNKED "1\t\r\na\r\n0\r\n\r\n"),
    ROW("space before an extension", 400, CHUNKED "1 ;a\r\na\r\n0\r\n\r\n"),
    ROW("no digit", 400, CHUNKED "g\r\na\r\n0\r\n\r\n"),
    ROW("digit and junk", 400, CHUNKED "1g\r\na\r\n0\r\n\r\n"),
    ROW("size over 64 bits", 400, CHUNKED "10000000000000001\r\na\r\n0\r\n\r\n"),
    ROW("many leading zeros", 400, CHUNKED "00000000000000001\r\na\r\n0\r\n\r\n"),
    ROW("size line ends with LF", 400, CHUNKED "1\na\r\n0\r\n\r\n"),
    ROW("size line ends with CR", 400, CHUNKED "1\ra\r\n0\r\n\r\n"),
    ROW("data longer than the size", 400, CHUNKED "1\r\nab\r\n0\r\n\r\n"),
    ROW("data ends with LF", 400, CHUNKED "1\r\na\n0\r\n\r\n"),
    ROW("data ends with CR alone", 400, CHUNKED "1\r\na\rb0\r\n\r\n"),
    ROW("empty extension", 400, CHUNKED "1;\r\na\r\n0\r\n\r\n"),
    ROW("extension with control byte", 400, CHUNKED "1;a=\x01\r\na\r\n0\r\n\r\n"),
    ROW("extension with open quote", 400, CHUNKED "1;a=\"b\r\na\r\n0\r\n\r\n"),
    ROW("extension with LF in quotes", 400, CHUNKED "1;a=\"\n\"\r\na\r\n0\r\n\r\n"),
    ROW("comma for semicolon", 400, CHUNKED "1,a\r\na\r\n0\r\n\r\n"),
    ROW("trailer without colon", 400, CHUNKED "0\r\nabc\r\n\r\n"),
    ROW("trailer with bare LF", 400, CHUNKED "0\r\na: b\n\r\n"),
    ROW("trailer with bare CR", 400, CHUNKED "0\r\na: b\rc\r\n\r\n"),
    ROW("trailer with NUL", 400, CHUNKED "0\r\na: \0\r\n\r\n"),
    ROW("trailer with space before the colon", 400, CHUNKED "0\r\na : b\r\n\r\n"),
    ROW("folded trailer", 400, CHUNKED "0\r\na: b\r\n c\r\n\r\n"),
    ROW("last chunk ends with LF", 400, CHUNKED "0\n\r\n"),
    ROW("end of the trailers is LF", 400, CHUNKED "0\r\n\n"),
};

/* The syntax is right, but the path could mean two things or nothing. */
static const struct malformed malformed_paths[] = {
    ROW("dot dot", 400, "GET /a/../hello HTTP/1.1\r\n" H "\r\n"),
    ROW("dot dot at the end", 400, "GET /hello/.. HTTP/1.1\r\n" H "\r\n"),
    ROW("dot", 400, "GET /./hello HTTP/1.1\r\n" H "\r\n"),
    ROW("encoded dot dot", 400, "GET /%2e%2e/hello HTTP/1.1\r\n" H "\r\n"),
    ROW("half encoded dot dot", 400, "GET /.%2E/hello HTTP/1.1\r\n" H "\r\n"),
    ROW("two slashes", 400, "GET //hello HTTP/1.1\r\n" H "\r\n"),
    ROW("two slashes at the end", 400, "GET /hello// HTTP/1.1\r\n" H "\r\n"),
    ROW("encoded slash", 400, "GET /items/a%2fb HTTP/1.1\r\n" H "\r\n"),
    ROW("encoded backslash", 400, "GET /items/a%5cb HTTP/1.1\r\n" H "\r\n"),
    ROW("backslash", 400, "GET /items/a\\b HTTP/1.1\r\n" H "\r\n"),
    ROW("encoded NUL", 400, "GET /items/a%00 HTTP/1.1\r\n" H "\r\n"),
    ROW("encoded CR LF", 400, "GET /items/a%0d%0a HTTP/1.1\r\n" H "\r\n"),
    ROW("encoded DEL", 400, "GET /items/%7f HTTP/1.1\r\n" H "\r\n"),
    ROW("matrix parameter", 400, "GET /hello;a=b HTTP/1.1\r\n" H "\r\n"),
    ROW("escape without digits", 400, "GET /items/%zz HTTP/1.1\r\n" H "\r\n"),
    ROW("escape cut short", 400, "GET /items/%4 HTTP/1.1\r\n" H "\r\n"),
    ROW("escape of bad UTF-8", 400, "GET /items/%ff HTTP/1.1\r\n" H "\r\n"),
    ROW("overlong UTF-8", 400, "GET /items/%c0%af HTTP/1.1\r\n" H "\r\n"),
    ROW("quote", 400, "GET /items/\"a\" HTTP/1.1\r\n" H "\r\n"),
    ROW("angle brackets", 400, "GET /items/<a> HTTP/1.1\r\n" H "\r\n"),
    ROW("brackets", 400, "GET /items/[a] HTTP/1.1\r\n" H "\r\n"),
};

#undef CHUNKED
#undef ROW
#undef POST
#undef GET
#undef H

#endif
