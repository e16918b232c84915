"""Malformed and unusual requests over a socket: a 4xx that names the fault, or the answer where they are legal."""

from __future__ import annotations

import gzip
import json
import socket
import sys
from collections.abc import Iterator
from time import monotonic
from typing import Any

import httpx
import pytest

from mockserver import MockServer
from mockserver.serving.protocol import Protocol
from tests.conftest import FULL_KEY, HEADERS
from tests.live import PATIENCE, Answer, LiveServer, read_answers

KEY = f"x-api-key: {FULL_KEY}".encode()
WORKSPACE = b"en-workspace: company-abc"
TYPE_JSON = b"content-type: application/json"
LIST = b"GET /ws/types"
CREATE = b"POST /ws/types/contratos/items"
ADD_USERS = b"POST /ws/mgroups/3/users"
LARGE = 50_000_000


@pytest.fixture(scope="module")
def live() -> Iterator[LiveServer]:
    server = LiveServer("--stateless")
    yield server
    answer = server.ask(message(LIST))
    _, _, errors = server.stop()
    assert answer.status == 200
    assert set(errors.splitlines()) <= {"WARNING:  Invalid HTTP request received."}


def message(line: bytes, *headers: bytes, body: bytes = b"", version: bytes = b"1.1") -> bytes:
    """Builds a raw request, unchecked and unencoded, with the headers that every operation requires."""
    size = [b"content-length: %d" % len(body)] if body else []
    usual = [b"host: localhost", KEY, WORKSPACE, b"connection: close"]
    return b"\r\n".join([line + b" HTTP/" + version, *usual, *size, *headers, b"", body])


def create(body: bytes, *headers: bytes) -> bytes:
    return message(CREATE, TYPE_JSON, *headers, body=body)


def chunked(*parts: bytes, trailers: bytes = b"") -> bytes:
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return message(CREATE, TYPE_JSON, b"transfer-encoding: chunked") + chunks + b"0\r\n" + trailers + b"\r\n"


def parted(raw: bytes, size: int) -> list[bytes]:
    return [raw[:size], raw[size:]]


def assert_refused(answer: Answer, status: int, reason: str) -> None:
    envelope = answer.json()
    assert (answer.status, envelope["statusCode"]) == (status, status), envelope
    assert envelope.keys() - {"data"} == {"statusCode", "error", "message"}
    assert reason in envelope["message"]
    assert len(answer.body) < 100_000


def rows(**table: Any) -> Any:
    """Builds test cases with readable names: `of_this_form` is shown as "of this form"."""
    return [pytest.param(*row, id=name.replace("_", " ").strip()) for name, row in table.items()]


SLUG = "Invalid path parameter: slug"
MEMBER = "Invalid path parameter: memberId"
UNKNOWN = "no operation is documented at "


@pytest.mark.parametrize(
    ("target", "status", "reason"),
    rows(
        undecodable=(b"/ws/types/%ff", 400, "Invalid path"),
        undecodable_in_an_unknown_path=(b"/nothing/%ff", 400, "Invalid path"),
        half_of_a_letter=(b"/ws/types/%c3", 400, "Invalid path"),
        nul=(b"/ws/types/%00", 400, SLUG + ' (received "\\u0000"'),
        line_break=(b"/ws/types/a%0d%0ab/fields", 400, SLUG + ' (received "a\\r\\nb"'),
        broken_escape=(b"/ws/types/%zz", 400, SLUG + ' (received "%zz"'),
        encoded_slash_in_a_key=(b"/ws/types/a%2Fb/fields", 400, SLUG + ' (received "a/b"'),
        encoded_slash_between_names=(b"/ws%2Ftypes", 404, UNKNOWN + "/ws%2Ftypes"),
        encoded_dots_in_a_key=(b"/ws/types/%2e%2e/fields", 400, SLUG + ' (received ".."'),
        dots_in_a_key=(b"/ws/types/../fields", 400, SLUG + ' (received ".."'),
        dots=(b"/ws/../ws/types", 404, UNKNOWN + "/ws/../ws/types"),
        empty_segment=(b"/ws//types", 404, UNKNOWN + "/ws//types"),
        empty_first_segment=(b"//ws/types", 404, UNKNOWN + "//ws/types"),
        final_slash=(b"/ws/types/", 404, UNKNOWN + "/ws/types/; the closest documented path is /ws/types"),
        path_parameter=(b"/ws/types;v=1", 404, UNKNOWN + "/ws/types;v=1"),
        long_key=(b"/ws/types/" + b"x" * 8000, 400, SLUG),
        long_path=(b"/a" * 4000, 404, UNKNOWN + "/a/a/a"),
        five_hundred_digits=(b"/ws/members/" + b"9" * 500, 400, MEMBER),
        fraction=(b"/ws/members/1.0", 400, MEMBER),
        power=(b"/ws/members/1e999", 400, MEMBER),
        minus_nought=(b"/ws/members/-0", 400, MEMBER + " (received 0, documented: at least 1)"),
        arabic_digit=(b"/ws/members/%D9%A3", 400, MEMBER),
        star=(b"*", 404, UNKNOWN + "*"),
    ),
)
def test_path__odd_is_refused(live: LiveServer, target: bytes, status: int, reason: str) -> None:
    assert_refused(live.ask(message(b"GET " + target)), status, reason)


@pytest.mark.parametrize(
    "target",
    rows(
        encoded_name=(b"/%77s/types",),
        encoded_key=(b"/ws/types/%63ontratos",),
        absolute=(b"http://enspace/ws/types",),
        empty_query=(b"/ws/types?",),
        only_separators=(b"/ws/types?&&&",),
        nul_in_a_search=(b"/ws/types?_q=%00",),
        long_search=(b"/ws/types?_q=" + b"x" * 8000,),
        start_beyond_64_bit=(b"/ws/types?_limit=1&_start=18446744073709551616",),
        minus_nought=(b"/ws/types?_limit=1&_start=-0",),
    ),
)
def test_target__of_a_legal_spelling_is_answered(live: LiveServer, target: bytes) -> None:
    assert live.ask(message(b"GET " + target)).status == 200


@pytest.mark.parametrize(
    ("path", "status"),
    rows(
        nul=(b"/docs/own/%00", 404),
        undecodable=(b"/docs/own/%ff", 404),
        unknown_file=(b"/docs/swagger-ui/nothing.js", 404),
        out_of_the_folder=(b"/docs/own/..%2f..%2fapp.py", 404),
        long_name=(b"/docs/own/" + b"x" * 5000, 404),
        similar_to_the_docs=(b"/docs-of-old", 404),
    ),
)
def test_site__odd_path_is_refused(live: LiveServer, path: bytes, status: int) -> None:
    assert_refused(live.ask(message(b"GET " + path)), status, "/docs")


@pytest.mark.parametrize("path", [b"/", b"/docs", b"/openapi.yaml", b"/docs/own/docs.js"])
def test_site__wrong_method_is_refused(live: LiveServer, path: bytes) -> None:
    assert_refused(live.ask(message(b"POST " + path, body=b"{}")), 405, path.decode())


LIMIT = "Invalid query parameter: _limit "


@pytest.mark.parametrize(
    ("query", "reason"),
    rows(
        undecodable=(b"_q=%ff", "Invalid query"),
        undecodable_name=(b"%ff=1", "Invalid query"),
        nul=(b"_limit=%00", LIMIT),
        nul_as_name=(b"%00=1", "Invalid query parameter: \0 (received an unknown name"),
        no_name=(b"=1", "Invalid query parameter: (no name) (received an unknown name"),
        twice=(b"_limit=1&_limit=2", LIMIT + "(received 2 values, documented: one value)"),
        no_value=(b"_limit", LIMIT),
        blank=(b"_limit=+1", LIMIT + '(received " 1"'),
        beyond_64_bit=(b"_limit=9223372036854775808", LIMIT),
        power=(b"_limit=1e999", LIMIT),
        not_a_number=(b"_limit=NaN", LIMIT),
        infinity=(b"_limit=Infinity", LIMIT),
        fraction=(b"_limit=1.0", LIMIT),
        underscore=(b"_limit=1_0", LIMIT),
        arabic_digit=(b"_limit=%D9%A3", LIMIT),
        long_unknown_name=(b"x" * 8000 + b"=1", "Invalid query parameter: xxx"),
        a_thousand_unknown_names=(b"&".join(b"n%d=1" % n for n in range(1000)), "Invalid query parameter: n0 "),
        two_thousand_names=(b"&".join(b"n%d=1" % n for n in range(2000)), "Invalid query: more than 1000 names"),
    ),
)
def test_query__odd_is_refused(live: LiveServer, query: bytes, reason: str) -> None:
    assert_refused(live.ask(message(LIST + b"?" + query)), 400, reason)


@pytest.mark.parametrize(
    ("header", "status", "reason"),
    rows(
        second_key=(KEY, 400, "Invalid header: x-api-key (received twice"),
        second_workspace=(b"En-Workspace: company-abc", 400, "Invalid header: en-workspace (received twice"),
        second_type=(TYPE_JSON + b"\r\n" + TYPE_JSON, 400, "Invalid header: content-type (received twice"),
        second_authorization=(b"authorization: a\r\nauthorization: b", 400, "Invalid header: authorization (received"),
        second_host=(b"host: other", 400, "Invalid header: host (received twice"),
        nul=(b"x-note: a\0b", 400, "not HTTP (Invalid header value char)"),
        blank_before_the_colon=(b"x-note : a", 400, "not HTTP (Invalid header token)"),
        folded=(b"x-note: a\r\n b", 400, "not HTTP (Unexpected whitespace after header value)"),
        long=(b"x-note: " + b"x" * 1_000_000, 431, "header: received more than 65536 bytes"),
        many=(b"\r\n".join([b"x-note: a"] * 100_000), 431, "header: received more than 65536 bytes"),
    ),
)
def test_header__odd_is_refused(live: LiveServer, header: bytes, status: int, reason: str) -> None:
    assert_refused(live.ask(message(LIST, header)), status, reason)


@pytest.mark.parametrize(
    "header",
    rows(
        tab=(b"x-note: a\tb",),
        beyond_ascii=(b"x-note: \xff\xc3\xa9",),
        empty=(b"x-note:",),
        twice=(b"x-note: a\r\nx-note: b",),
        long=(b"x-note: " + b"x" * 8000,),
        upgrade=(b"upgrade: websocket",),
    ),
)
def test_header__of_a_legal_form_is_passed_over(live: LiveServer, header: bytes) -> None:
    assert live.ask(message(LIST, header)).status == 200


@pytest.mark.parametrize("key", [b"\xff" * 37, b"x" * 8000, b"%s, %s" % (FULL_KEY.encode(), FULL_KEY.encode()), b""])
def test_key__odd_is_401(live: LiveServer, key: bytes) -> None:
    answer = live.ask(b"GET /ws HTTP/1.1\r\nconnection: close\r\nhost: localhost\r\nx-api-key: %b\r\n\r\n" % key)
    assert_refused(answer, 401, "Invalid or missing API key")


@pytest.mark.parametrize(
    "preference",
    rows(
        beyond_ascii=(b"\xff=1",),
        long=(b"x" * 8000,),
        many=(b"a=1," * 2000,),
        unclosed_quotes=(b'"' * 2000,),
        backslashes=(b'x="' + b"\\" * 2001,),
        twice_in_two_headers=(b"dynamic=false\r\nprefer: dynamic=true",),
    ),
)
def test_preference__odd_is_ignored_and_noted(live: LiveServer, preference: bytes) -> None:
    answer = live.ask(message(LIST, b"prefer: " + preference))
    assert answer.status == 200
    assert live.ask(message(b"GET /_mock/journal?limit=1")).json()["entries"][0]["notes"]


@pytest.mark.parametrize(
    ("header", "reason"),
    rows(
        missing=(b"x-note: a", "received ''"),
        empty=(b"content-type:", "received ''"),
        other=(b"content-type: text/plain", "received 'text/plain'"),
        form=(b"content-type: application/x-www-form-urlencoded", "received 'application/x-www-form-urlencoded'"),
        undecodable=(b"content-type: \xff\xfe", "content-type"),
        charset_latin=(b"content-type: application/json; charset=iso-8859-1", "received charset 'iso-8859-1'"),
        charset_wide=(b'content-type: application/json;charset="UTF-16"', "received charset 'UTF-16'"),
    ),
)
def test_content_type__wrong_is_415(live: LiveServer, header: bytes, reason: str) -> None:
    answer = live.ask(message(CREATE, header, body=b'{"data":{}}'))
    assert_refused(answer, 415, "header content-type: ")
    assert reason in answer.json()["message"]


@pytest.mark.parametrize("encoding", [b"gzip", b"br, gzip"])
def test_content_encoding__is_415(live: LiveServer, encoding: bytes) -> None:
    body = gzip.compress(b'{"data":{}}')
    answer = live.ask(create(body, b"content-encoding: " + encoding))
    assert_refused(answer, 415, f"header content-encoding: received '{encoding.decode()}', documented: none, or")


def test_content_encoding__identity_is_fine(live: LiveServer) -> None:
    answer = live.ask(create(b'{"data":{}}', b"content-encoding: Identity"))
    assert answer.status == 200


@pytest.mark.parametrize("parameters", [b"; charset=utf-8", b';CHARSET="UTF-8"', b";", b"; profile=x"])
def test_content_type__with_parameters_is_fine(live: LiveServer, parameters: bytes) -> None:
    answer = live.ask(message(CREATE, b"content-type: Application/JSON" + parameters, body=b'{"data":{}}'))
    assert answer.status == 200


@pytest.mark.parametrize(
    ("body", "reason"),
    rows(
        undecodable=(b'{"data":{"a":"\xff"}}', "body: not readable as JSON"),
        surrogate_as_bytes=(b'{"data":{"a":"\xed\xa0\x80"}}', "body: not readable as JSON"),
        lone_surrogate=(b'{"data":{"a":"\\ud800"}}', "body: not readable as JSON"),
        lone_surrogate_as_key=(b'{"data":{"\\udc00":1}}', "body: not readable as JSON"),
        byte_order_mark=(b'\xef\xbb\xbf{"data":{}}', "body: not readable as JSON"),
        wide=('{"data":{}}'.encode("utf-16"), "body: not readable as JSON"),
        truncated=(b'{"data":{"va', "body: not readable as JSON at line 1 column 13"),
        raw_nul=(b'{"data":{"a":"\0"}}', "body: not readable as JSON"),
        blank=(b" \n", "body: not readable as JSON"),
        not_a_number=(b'{"data":{"a":NaN}}', "body: not readable as JSON"),
        infinity=(b'{"data":{"a":-Infinity}}', "body: not readable as JSON"),
        number_too_large=(b'{"data":{"a":1e999}}', "body: not readable as JSON"),
        five_thousand_digits=(b'{"data":{"a":%b}}' % (b"9" * 5000), "body: not readable as JSON"),
        ten_thousand_lists=(b"[" * 10_000 + b"]" * 10_000, "body: not readable as JSON"),
        ten_thousand_objects=(b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "body: not readable as JSON"),
        two_hundred_levels=(b'{"data":{"a":%b%b}}' % (b"[" * 200, b"]" * 200), "body: nested deeper than 100 levels"),
        equal_keys=(b'{"data":{},"data":{}}', 'body: the key "data" is repeated'),
        equal_keys_below=(b'{"data":{"a":[{"b":1,"b":1}]}}', 'body: the key "b" is repeated'),
        equal_keys_with_blanks=(b'{"data":{"a" :1,"a"\n\t:2}}', 'body: the key "a" is repeated'),
        equal_keys_of_two_spellings=(b'{"data":{"a":1,"\\u0061":2}}', 'body: the key "a" is repeated'),
        equal_keys_beside_a_deceiving_text=(b'{"data":{"a":"\\":","b" :1,"b" :2}}', 'body: the key "b" is repeated'),
        equal_keys_that_begin_with_a_colon=(b'{"data":{"b":"x",":y":1,":y":2}}', 'body: the key ":y" is repeated'),
        null=(b"null", "body (received null, documented: object)"),
        list=(b"[]", "body (received [], documented: object)"),
        wrong_member=(b'{"data":[]}', "data (received [], documented: object)"),
    ),
)
def test_body__odd_is_refused(live: LiveServer, body: bytes, reason: str) -> None:
    assert_refused(live.ask(create(body)), 400, "Validation failed: " + reason)


def test_body__empty_is_refused(live: LiveServer) -> None:
    assert_refused(live.ask(create(b"", b"content-length: 0")), 400, "body: received nothing")


@pytest.mark.parametrize(
    "data",
    rows(
        ninety_levels=({"a": json.loads("[" * 90 + "]" * 90)},),
        colon_after_a_quote=({"a": 'b":', "c": '":"', "d": ":"},),
        json_in_a_text=({"a": '{"a":1,"a":2}'},),
        equal_keys_in_two_objects=({"a": {"b": 1}, "c": {"b": 2}},),
        nul=({"a": "\0"},),
        pair_of_surrogates=({"a": "\U0001f600"},),
        integers_of_64_bit=({"a": 2**64 - 1, "b": -(2**63)},),
        integers_beyond_64_bit=({"a": 2**64, "b": -(10**30)},),
        empty=({},),
        empty_key=({"": 1},),
        minus_nought=({"a": -0.0},),
    ),
)
def test_body__legal_comes_back_as_it_was(live: LiveServer, data: dict[str, Any]) -> None:
    sent = httpx.Request("POST", live.address, json={"data": data}).content
    answer = live.ask(create(sent))
    assert answer.status == 200
    assert answer.json()["data"] == data


@pytest.mark.parametrize(
    ("number", "reason"),
    rows(
        fraction=(b"1.5", "(received 1.5, documented: integer)"),
        fraction_as_a_power=(b"15e-1", "(received 1.5, documented: integer)"),
        power=(b"1e300", "(received 1e+300, documented: integer)"),
        minus_nought=(b"-0", "(received 0, documented: at least 1)"),
        text=(b'"1"', '(received "1", documented: integer)'),
        true=(b"true", "(received true, documented: integer)"),
    ),
)
def test_integer__of_another_kind_is_refused(live: LiveServer, number: bytes, reason: str) -> None:
    answer = live.ask(message(ADD_USERS, TYPE_JSON, body=b'{"users":[%b]}' % number))
    assert_refused(answer, 400, "Validation failed: users.0 " + reason)


@pytest.mark.parametrize("number", [2**64, 10**40], ids=["65 bit", "40 digits"])
def test_integer__beyond_64_bit_stays_exact(live: LiveServer, number: int) -> None:
    assert live.ask(message(b"GET /ws/members/%d" % number)).json()["id"] == number
    assert live.ask(message(ADD_USERS, TYPE_JSON, body=b'{"users":[%d]}' % number)).status == 200


def test_violations__of_a_long_body_are_found_quickly_and_abbreviated(live: LiveServer) -> None:
    body = b'{"users":[%b]}' % b",".join([b'"x"'] * 200_000)
    started = monotonic()
    assert_refused(live.ask(message(ADD_USERS, TYPE_JSON, body=body)), 400, "Validation failed: users")
    assert monotonic() - started < 30  # comparing each violation with all others would take minutes


def test_unknown_members__by_the_thousand_do_not_fill_the_journal(live: LiveServer) -> None:
    body = b'{"data":{},%b}' % b",".join(b'"k%d":1' % n for n in range(50_000))
    assert live.ask(create(body)).status == 200
    assert len(live.ask(message(b"GET /_mock/journal?limit=1")).body) < 100_000


def large_body() -> bytes:
    return b'{"data":{"a":"%b"}}' % (b"x" * LARGE)


@pytest.mark.parametrize("is_chunked", [False, True], ids=["with its length", "in one chunk"])
def test_large_body__in_one_go_is_413(live: LiveServer, is_chunked: bool) -> None:
    answer = live.ask(chunked(large_body()) if is_chunked else create(large_body()))
    assert_refused(answer, 413, f"body: received {LARGE + 17} bytes, documented: at most 1048576")
    assert answer.json()["error"] == "Payload Too Large"


@pytest.mark.parametrize("is_chunked", [False, True], ids=["with its length", "in chunks"])
def test_large_body__of_httpx_is_413(live: LiveServer, is_chunked: bool) -> None:
    content = (b"x" * 65_536 for _ in range(LARGE // 65_536)) if is_chunked else large_body()
    headers = HEADERS | {"content-type": "application/json"}
    with httpx.Client(base_url=live.address, headers=headers, timeout=PATIENCE) as client:
        answer = client.post("/ws/types/contratos/items", content=content)
        assert (answer.status_code, answer.json()["statusCode"]) == (413, 413)
        assert client.get("/ws/types").status_code == 200


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of another process is read from /proc")
def test_large_body__is_not_kept() -> None:
    fresh = LiveServer("--stateless")  # its peak was not reached by another test
    fresh.ask(create(b'{"data":{}}'))
    before = fresh.memory("VmRSS")
    for request in (create(large_body()), chunked(large_body()), message(LIST, body=large_body())):
        fresh.ask(request)
    after, peak = fresh.memory("VmRSS"), fresh.memory("VmHWM")
    fresh.stop()
    assert after - before < 20
    assert peak - before < 30


@pytest.mark.parametrize("size", [1_048_576, 1_048_577], ids=["at the limit", "one byte more"])
def test_large_body__is_refused_from_the_documented_size_on(live: LiveServer, size: int) -> None:
    body = b'{"data":{"a":"%b"}}' % (b"x" * (size - 17))
    assert len(body) == size
    assert live.ask(create(body)).status == (200 if size == 1_048_576 else 413)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        *[
            (method, b"/ws/types", "GET, HEAD, OPTIONS, POST")
            for method in (b"PROPFIND", b"TRACE", b"get", b"M-SEARCH")
        ],
        (b"PATCH", b"/ws/types/contratos", "DELETE, GET, HEAD, OPTIONS, PUT"),
        (b"BREW", b"/ws/leave", "OPTIONS, POST"),
    ],
)
def test_method__unknown_is_405(live: LiveServer, method: bytes, path: bytes, allowed: str) -> None:
    answer = live.ask(message(method + b" " + path))
    assert_refused(answer, 405, f"received {method.decode()}, documented: {allowed}")
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize("target", [b"/ws/types", b"/ws/types/count", b"/ws/types?_limit=x", b"/nothing", b"/docs"])
def test_head__is_get_without_body(live: LiveServer, target: bytes) -> None:
    head, get = (live.ask(message(method + b" " + target)) for method in (b"HEAD", b"GET"))
    assert head.status == get.status
    assert head.headers | {"date": ""} == get.headers | {"date": ""}
    assert head.body == b"" != get.body


@pytest.mark.parametrize("host", [b"host: localhost\r\n", b""], ids=["with host", "without host"])
def test_http_1_0__is_answered_and_closed(live: LiveServer, host: bytes) -> None:
    answer = live.ask(b"GET /ws/types HTTP/1.0\r\n%b%b\r\n%b\r\n\r\n" % (host, KEY, WORKSPACE))
    assert (answer.status, answer.headers["connection"], answer.headers.get("server")) == (200, "close", None)
    contract = live.ask(b"GET /openapi.json HTTP/1.0\r\n%b\r\n" % host).json()
    assert contract["servers"][0]["url"] == ("http://localhost" if host else live.address)


@pytest.mark.parametrize("line", [LIST, b"DELETE /ws/types/contratos"])
@pytest.mark.parametrize("body", [b'{"a":1}', b"\xff\0", b"x" * 2_000_000], ids=["json", "undecodable", "large"])
def test_body__of_an_operation_without_one_is_passed_over(live: LiveServer, line: bytes, body: bytes) -> None:
    assert live.ask(message(line, body=body)).status == 200


NOT_HTTP = "Bad Request: received bytes that are not HTTP ("


@pytest.mark.parametrize(
    ("raw", "reason"),
    rows(
        noise=(b"\0\1\2\3", "Invalid method"),
        tls=(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "Invalid method"),
        nul_in_the_path=(message(b"GET /ws\0types"), "url path"),
        raw_letter_in_the_path=(message("GET /ws/férias".encode()), ""),
        line_longer_than_64_kilobytes=(message(b"GET /" + b"x" * 65_600), "url is too long"),
        unknown_version=(message(LIST, version=b"1.2"), "Invalid HTTP version"),
        bare_line_feeds=(message(LIST).replace(b"\r\n", b"\n"), "Expected CRLF"),
        malformed_chunk=(chunked(b"{}").replace(b"\r\n2\r\n", b"\r\nzz\r\n"), "chunk size"),
        chunk_beyond_64_bit=(chunked(b"{}").replace(b"\r\n2\r\n", b"\r\n%b\r\n" % (b"f" * 17)), "Chunk size overflow"),
        two_lengths=(create(b"{}", b"content-length: 3"), "Duplicate Content-Length"),
        two_equal_lengths=(create(b"{}", b"content-length: 2"), "Duplicate Content-Length"),
        length_and_chunks=(create(b"{}", b"transfer-encoding: chunked"), "can't be present with"),
        length_beyond_64_bit=(message(CREATE, b"content-length: 18446744073709551616"), "Content-Length overflow"),
        unknown_transfer_coding=(message(CREATE, b"transfer-encoding: gzip") + b"{}", "Transfer-Encoding"),
    ),
)
def test_bytes__not_http_are_400(live: LiveServer, raw: bytes, reason: str) -> None:
    answer = live.ask(raw)
    assert_refused(answer, 400, NOT_HTTP)
    assert reason in answer.json()["message"]


@pytest.mark.parametrize(
    "raw",
    rows(
        chunked=(chunked(b'{"data":', b"{}}"),),
        chunk_with_an_extension=(chunked(b'{"data":{}}').replace(b"\r\nb\r\n", b"\r\nB;a=b\r\n"),),
        trailer_named_like_a_header=(chunked(b'{"data":{}}', trailers=b"x-api-key: other\r\n"),),
        expectation_with_the_body_at_once=(create(b'{"data":{}}', b"expect: 100-Continue"),),
        offer_of_http_2=(create(b'{"data":{}}', b"Upgrade: h2c\r\nconnection: Upgrade, HTTP2-Settings"),),
        offer_of_http_2_in_two_parts=(parted(create(b'{"data":{}}', b"upgrade: h2c\r\nconnection: upgrade"), 90),),
        byte_by_byte=([bytes([byte]) for byte in create(b'{"data":{}}')],),
    ),
)
def test_bytes__of_a_legal_form_are_answered(live: LiveServer, raw: bytes | list[bytes]) -> None:
    *informational, answer = live.send(raw)
    assert {part.status for part in informational} <= {100}
    assert (answer.status, answer.json()["data"]) == (200, {})


def test_trailer__is_no_key(live: LiveServer) -> None:
    raw = chunked(b'{"data":{}}', trailers=KEY + b"\r\n").replace(KEY + b"\r\n", b"", 1)
    assert_refused(live.ask(raw), 401, "Invalid or missing API key")


def test_upgrade__does_not_lose_the_next_request(live: LiveServer) -> None:
    first = create(b'{"data":{}}', b"upgrade: h2c\r\nconnection: upgrade").replace(b"connection: close\r\n", b"")
    answers = live.send(first + message(b"GET /ws/types/count"))
    assert [answer.status for answer in answers] == [200, 200]


def test_expect__is_answered_before_the_body_is_sent(live: LiveServer) -> None:
    body = b'{"data":{}}'
    with live.connect() as client:
        client.sendall(create(body, b"expect: 100-continue").removesuffix(body))
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(body)
        assert client.recv(15) == b"HTTP/1.1 200 OK"


def test_expect__is_refused_at_once_without_a_key(live: LiveServer) -> None:
    head = b"POST /ws HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 9\r\nconnection: close\r\n\r\n"
    assert_refused(live.ask(head), 401, "Invalid or missing API key")


def test_pipelined_requests__are_answered_in_order(live: LiveServer) -> None:
    requests = [message(LIST, body=b"x" * 100_000), create(b"{"), create(b'{"data":{}}'), message(b"GET /nothing")]
    open_ended = [request.replace(b"connection: close\r\n", b"") for request in requests[:-1]]
    answers = live.send(b"".join([*open_ended, requests[-1]]))
    assert [answer.status for answer in answers] == [200, 400, 200, 404]


@pytest.mark.parametrize(
    "second",
    rows(
        noise=(b"noise\r\n\r\n",),
        unknown_method=(message(b"BREW /ws/types"),),
        offer_of_http_2=(create(b'{"data":{}}', b"upgrade: h2c\r\nconnection: upgrade"),),
    ),
)
def test_pipelined_request__is_run_once_whatever_follows(live: LiveServer, second: bytes) -> None:
    before = times_run(live, "countRoles")
    live.send(message(b"GET /ws/roles/count").replace(b"connection: close\r\n", b"") + second)
    assert times_run(live, "countRoles") == before + 1


def test_body__of_an_answered_request_is_not_run(live: LiveServer) -> None:
    before, body = times_run(live, "countRoles"), message(b"GET /ws/roles/count")
    with live.connect() as client:
        request = message(LIST, body=body).replace(b"connection: close\r\n", b"", 1)
        client.sendall(request.removesuffix(body))
        assert client.recv(15) == b"HTTP/1.1 200 OK"
        client.sendall(body + message(b"BREW /ws"))
        while client.recv(65_536):
            pass
    assert times_run(live, "countRoles") == before


def times_run(live: LiveServer, operation: str) -> int:
    entries = live.ask(message(b"GET /_mock/journal?limit=1000")).json()["entries"]
    return sum(entry["operation"] == operation for entry in entries)


PARTS = rows(
    of_the_request_line=(b"GET /ws/ty",),
    of_the_head=(b"GET /ws/types HTTP/1.1\r\nx-no",),
    without_a_body=(create(b'{"data":{}}')[:-11],),
    of_the_body=(create(b'{"data":{}}')[:-5],),
    of_a_chunk=(chunked(b'{"data":{}}')[:-10],),
)


@pytest.mark.parametrize("raw", PARTS)
def test_client__that_disconnects_early_gets_nothing(live: LiveServer, raw: bytes) -> None:
    assert live.send(raw, hang_up=True) == []


@pytest.mark.parametrize("raw", PARTS)
def test_request__incomplete_is_408(raw: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Protocol, "patience", 0.01)
    server = MockServer().start()
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=PATIENCE) as client:
        client.sendall(raw)
        (answer,) = read_answers(b"".join(iter(lambda: client.recv(65_536), b"")))
    server.stop()
    assert answer.status == 408
    assert "an incomplete request" in answer.json()["message"]


HEALTH = b"GET /_mock/health HTTP/1.1\r\nhost: localhost\r\n\r\n"


@pytest.mark.parametrize("raw", rows(at_all=(b"",), after_a_request=(HEALTH,)))
def test_connection__idle_is_closed(raw: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Protocol, "patience", 0.01)
    server = MockServer().start()
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=PATIENCE) as client:
        client.sendall(raw)
        answers = list(read_answers(b"".join(iter(lambda: client.recv(65_536), b""))))
    server.stop()
    assert [answer.status for answer in answers] == ([200] if raw else [])
