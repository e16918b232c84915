from collections.abc import Callable
from time import perf_counter

import pytest

from mockserver import create_app
from mockserver.payloads import Payloads
from mockserver.payloads.payload_error import PayloadError
from tests.asgi_client import AsgiClient
from tests.conftest import HEADERS

Server = Callable[..., AsgiClient]


@pytest.mark.parametrize("code", [400, 401, 403, 404, 500])
def test_code__gives_the_documented_error(server: Server, code: int) -> None:
    answer = server().get("/ws/members/17", headers={"prefer": f"code={code}"})
    assert answer.status_code == code
    assert answer.json()["statusCode"] == code
    assert answer.headers["preference-applied"] == f"code={code}"


def test_code__undocumented_is_400_with_the_documented_ones(server: Server) -> None:
    answer = server().get("/ws/members/17", headers={"prefer": "code=418"})
    assert answer.status_code == 400
    assert "code: received 418, documented for getMember: 200, 400, 401, 403, 404, 500" in answer.json()["message"]
    assert "preference-applied" not in answer.headers


def test_example__gives_the_named_one(server: Server) -> None:
    answer = server().get("/c-flow-stages/31", headers={"prefer": "example=analise_juridica"})
    assert answer.json()["name"] == "Análise jurídica"
    assert answer.headers["preference-applied"] == "example=analise_juridica"


def test_example__and_code_go_together(server: Server) -> None:
    answer = server().get("/ws/types", headers={"prefer": "code=403, example=missing_scope"})
    assert answer.json()["message"] == "Token lacks the required scope: write"


def test_example__unknown_is_400_with_the_known_ones(server: Server) -> None:
    answer = server().get("/ws/types", headers={"prefer": "code=403; example=nope"})
    assert answer.status_code == 400
    assert "foreign_workspace, missing_scope, insufficient_permissions" in answer.json()["message"]


def test_dynamic__generates_what_has_an_example(server: Server) -> None:
    plain = server().get("/ws/types", headers={"prefer": "code=400"}).json()
    dynamic = server().get("/ws/types", headers={"prefer": "code=400, dynamic=true"}).json()
    assert plain == {"statusCode": 400, "error": "Bad Request", "message": "Missing required header: en-workspace"}
    assert dynamic["statusCode"] == 400
    assert {"field", "message"} == set(dynamic["data"][0])


def test_seed__gives_other_data_and_the_same_again(server: Server) -> None:
    def member(seed: int) -> str:
        return str(server().get("/ws/members/17", headers={"prefer": f"seed={seed}"}).json())

    assert member(7) == member(7)
    assert member(7) != member(8)


def test_delay__makes_the_answer_wait(server: Server) -> None:
    began = perf_counter()
    answer = server().get("/ws/types", headers={"prefer": "delay=50"})
    assert perf_counter() - began >= 0.05
    assert answer.headers["preference-applied"] == "delay=50"


@pytest.mark.parametrize(
    ("prefer", "reason"),
    [
        ("code=abc", "code: received 'abc', documented: a whole number from 100 to 599"),
        ("code=600", "code: received '600'"),
        ("code", "code: received ''"),
        ("code=\u00b2", "code: received '\u00b2'"),  # a digit, and no number
        ("delay=1.5", "delay: received '1.5'"),
        ("seed=-1", "seed: received '-1'"),
        (f"seed={2**63}", f"seed: received '{2**63}'"),
        ("delay=3600000", "delay: received '3600000', documented: a whole number from 0 to 60000"),
        ("dynamic=yes", "dynamic: received 'yes', documented: true or false"),
        ("example=", "example: received '', documented: the name of an example"),
        ("example=x, dynamic=true", "example asks for a documented answer and dynamic=true for a generated one"),
    ],
)
def test_preference__that_cannot_be_met_is_400_with_the_reason(server: Server, prefer: str, reason: str) -> None:
    answer = server().get("/ws/types", headers={b"prefer": prefer.encode("latin-1")})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(f"Invalid header: prefer ({reason}")


def test_preference__for_data_that_cannot_be_generated_is_400_and_state_still_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def generator(*_: object) -> None:
        raise PayloadError("#/components/schemas/Member", "no value", "loosen it")

    monkeypatch.setattr(Payloads, "generator", generator)
    client = AsgiClient(create_app(), headers=HEADERS)
    answer = client.get("/ws/members/17", headers={"prefer": "dynamic=true"})
    assert answer.status_code == 400
    reason = "this answer cannot be generated: #/components/schemas/Member: no value. Fix: loosen it."
    assert answer.json()["message"] == f"Invalid header: prefer ({reason})"
    assert client.get("/ws/members/17").status_code == 200


@pytest.mark.parametrize(
    ("prefer", "status", "applied"),
    [
        ("CODE=404", 404, "code=404"),
        ('code="404"', 404, "code=404"),
        ('Code = "4\\04"', 404, "code=404"),
        ("code=404, code=403", 404, "code=404"),
        ("code=403; example=missing_scope", 403, "code=403, example=missing_scope"),
        ('code=403, example="missing_scope"', 403, "code=403, example=missing_scope"),
        ("return=minimal, wait=10", 200, None),
        ("return=minimal; foo=bar, explain", 200, "explain"),
        ("explain=", 200, "explain"),
        ('foo="a,code=404"', 200, None),
        ("dynamic=TRUE", 200, "dynamic=true"),
        (f"seed={2**63 - 1}", 200, f"seed={2**63 - 1}"),
        ("scenario=flaky-writes", 200, "scenario=flaky-writes"),
        (", ,code=404,", 404, "code=404"),
        ('"unclosed, code=404', 404, "code=404"),
    ],
)
def test_preference__is_parsed_by_rfc_7240(server: Server, prefer: str, status: int, applied: str | None) -> None:
    answer = server().get("/ws/members/17", headers={"prefer": prefer})
    assert (answer.status_code, answer.headers.get("preference-applied")) == (status, applied)


def test_preference__in_two_headers_counts_like_one(server: Server) -> None:
    answer = server().get("/ws/types", headers=[("prefer", "code=403"), ("Prefer", "example=missing_scope")])
    assert answer.headers["preference-applied"] == "code=403, example=missing_scope"


@pytest.mark.parametrize(
    ("prefer", "note"),
    [
        ("cod=404", "ignored the unknown preference 'cod'; the closest known one is code"),
        ("q=1", "ignored the unknown preference 'q'; known are code, example, dynamic, seed, delay, scenario, explain"),
        ("code=200, code=404", "ignored the second preference code"),
        ("=404", "ignored the malformed preference '=404'"),
        ("return=minimal, wait=1, respond-async, handling=lenient, depth-noroot, safe", None),
    ],
)
def test_preference__that_is_ignored_is_noted_in_the_journal(server: Server, prefer: str, note: str | None) -> None:
    assert server().get("/ws/types", headers={"prefer": prefer}).status_code == 200
    assert server().get("/_mock/journal?limit=1").json()["entries"][0]["notes"] == list(filter(None, [note]))


def test_preference__of_a_bad_request_is_not_applied(server: Server) -> None:
    answer = server().get("/ws/types?_limit=x", headers={"prefer": "code=200"})
    assert answer.status_code == 400
    assert "preference-applied" not in answer.headers
