"""Integrations: providers that a workspace has set up, never with their secrets. R103-R111."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver import Settings
from mockserver.contract.document import load_document
from tests.asgi_client import AsgiClient
from tests.conftest import Enspace, fresh_sandbox
from tests.enspace.refusals import assert_refused

PATH = "/integrations"
CERTISIGN, D4SIGN, SENDGRID, TWILIO = 1, 3, 4, 6
SECRET = "K3y-That-Nobody-Must-See"

# By provider: name, slug, required data, optional data, the members that are answered.
STAGE = {"environment": "stage"}
HOOK = {"webhookCatcherEndpoint": "https://hooks.yourcompany.com.br/enspace"}
MAIL = {"from_email": "notifications@yourcompany.com.br", "from_name": "Enspace"}
CHAT = {
    "autoclose_hours": 23,
    "autoclose_minutes": 1,
    "send_autoclose_message_minutes": 10,
    "autoclose_message": "Tchau",
    "post_autoclose_message": "Encerrado",
}
PROVIDERS: dict[int, tuple[str, str, dict[str, Any], dict[str, Any], set[str]]] = {
    1: ("Certisign", "certisign", STAGE, HOOK | {"token": SECRET}, {"environment", "webhookCatcherEndpoint"}),
    2: ("Adobe Sign", "adobe_sign", STAGE, {"integration_key": SECRET}, {"environment"}),
    3: ("D4Sign", "d4sign", STAGE, {"token": SECRET, "cryptKey": SECRET}, {"environment"}),
    4: ("Sendgrid", "sendgrid", STAGE | MAIL | {"api_key": SECRET}, {}, {"environment"}),
    5: ("Clicksign", "clicksign", STAGE, HOOK | {"token": SECRET}, {"environment", "webhookCatcherEndpoint"}),
    6: ("Whatsapp Twilio", "whatsapp_twilio", {"phone_number": "21 99999-9999"}, CHAT, {"phone_number", *CHAT}),
    7: ("OpenAi", "openai", STAGE | {"api_key": SECRET}, {"model": "gpt-4o", "organization": "abc"}, {"environment"}),
    8: ("Docusign", "docusign", STAGE, {"user_id": "u", "access_token": SECRET, "integration_key": SECRET}, set(STAGE)),
}

CREATION = load_document(Settings().spec).at(("paths", PATH, "post"))
SENT = CREATION["requestBody"]["content"]["application/json"]["examples"]
ANSWERED = CREATION["responses"]["200"]["content"]["application/json"]["examples"]

each_provider = pytest.mark.parametrize("provider", PROVIDERS)


def set_up(client: Enspace, provider: int, **data: Any) -> dict[str, Any]:
    """Sets the provider up with all that it takes, and `data`."""
    _, _, least, rest, _ = PROVIDERS[provider]
    answer = client.post(PATH, json={"integration": provider, "data": least | rest | data})
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def stored(client: Enspace, integration: dict[str, Any]) -> dict[str, Any]:
    return next(row for row in client.state()["integrations"] if row["id"] == integration["id"])


@pytest.mark.rule("R103", "R110")
@each_provider
def test_integration__embeds_its_provider(enspace: Enspace, provider: int) -> None:
    name, slug, *_ = PROVIDERS[provider]
    shown = set_up(enspace, provider)["integration"]
    assert (shown["id"], shown["name"], shown["slug"], shown["media"]) == (provider, name, slug, [])
    assert shown["description"] == f"integrations.{slug}.description"
    assert shown["category"] == f"integrations.{slug}.category"
    assert shown["created_at"] == shown["updated_at"]
    assert shown["created_at"].startswith("2025-06-17T15:40:10.")


@pytest.mark.rule("R103")
def test_providers__have_the_documented_stamps(enspace: Enspace) -> None:
    stamps = [set_up(enspace, provider)["integration"]["created_at"][-4:-1] for provider in PROVIDERS]
    assert stamps == ["353", "374", "394", "419", "440", "460", "479", "498"]


@pytest.mark.rule("R104", "R111")
@each_provider
def test_integration__answers_only_members_that_are_not_secret(enspace: Enspace, provider: int) -> None:
    *_, shown = PROVIDERS[provider]
    made = set_up(enspace, provider, something_else="x")
    assert set(made["data"]) == {"changeKeys", *shown}
    assert made in enspace.get(PATH).json()
    texts = enspace.get(PATH).text + enspace.get("/_mock/state").text + enspace.get("/_mock/journal").text
    assert SECRET not in texts


@pytest.mark.rule("R104")
def test_refused_integration__does_not_reveal_its_secret(enspace: Enspace) -> None:
    data = {"environment": "moon", "api_key": SECRET, "from_email": "x"}
    answer = enspace.post(PATH, json={"integration": SENDGRID, "data": data})
    assert answer.status_code == 400
    assert SECRET not in enspace.get("/_mock/journal").text
    assert "api_key" not in answer.json()["message"]


@pytest.mark.rule("R104")
def test_integration_secrets__are_not_in_the_file_of_the_store(
    server: Callable[..., AsgiClient], tmp_path: Path
) -> None:
    with fresh_sandbox(server(store=f"sqlite:///{tmp_path / 'state.db'}")) as enspace:
        for provider in PROVIDERS:
            set_up(enspace, provider, changeKeys=True)
        assert not any(SECRET.encode() in file.read_bytes() for file in tmp_path.iterdir())


@pytest.mark.rule("R105")
@pytest.mark.parametrize("provider", [0, 9, -1, "4", None, 4.5, True])
def test_integration__of_an_unknown_provider_is_refused(enspace: Enspace, provider: Any) -> None:
    body = {"integration": provider, "data": PROVIDERS[SENDGRID][2]}
    assert_refused(enspace, "POST", PATH, 400, "Validation failed", body, field="integration")


@pytest.mark.rule("R105")
@pytest.mark.parametrize("body", [{}, {"integration": SENDGRID}, {"data": STAGE}, {"integration": 3, "data": None}])
def test_integration__needs_provider_and_data(enspace: Enspace, body: dict[str, Any]) -> None:
    assert_refused(enspace, "POST", PATH, 400, "Validation failed", body)


@pytest.mark.rule("R105")
@pytest.mark.parametrize(("provider", "member"), [(id, member) for id, row in PROVIDERS.items() for member in row[2]])
def test_integration__without_a_required_member_of_data_is_refused(
    enspace: Enspace, provider: int, member: str
) -> None:
    least = PROVIDERS[provider][2]
    body = {"integration": provider, "data": {name: least[name] for name in least if name != member}}
    assert_refused(enspace, "POST", PATH, 400, f"data.{member}", body, field=f"data.{member}")
    body["data"] = least
    assert enspace.post(PATH, json=body).status_code == 200


@pytest.mark.rule("R106")
@pytest.mark.parametrize("provider", [id for id in PROVIDERS if id != TWILIO])
def test_environment__is_stage_or_production(enspace: Enspace, provider: int) -> None:
    wrong = {"integration": provider, "data": PROVIDERS[provider][2] | {"environment": "sandbox"}}
    assert_refused(enspace, "POST", PATH, 400, "Validation failed: data.environment", wrong, field="data.environment")
    for environment in ("stage", "production"):
        assert set_up(enspace, provider, environment=environment)["data"]["environment"] == environment


@pytest.mark.rule("R106")
def test_environment__is_no_member_of_whatsapp_twilio(enspace: Enspace) -> None:
    assert "environment" not in set_up(enspace, TWILIO)["data"]
    assert "environment" not in set_up(enspace, TWILIO, environment="moon")["data"]


@pytest.mark.rule("R107")
def test_new_integration__is_active(enspace: Enspace) -> None:
    made = set_up(enspace, CERTISIGN, status="inactive")
    assert made["status"] == "active"
    assert made in enspace.get(f"{PATH}?status=active").json()
    assert enspace.get(f"{PATH}?status=inactive").json() == []
    assert enspace.get(f"{PATH}?status=paused").status_code == 400


@pytest.mark.rule("R108")
@each_provider
def test_change_keys__is_false_unless_sent_and_answered_back(enspace: Enspace, provider: int) -> None:
    assert set_up(enspace, provider)["data"]["changeKeys"] is False
    assert set_up(enspace, provider, changeKeys=True)["data"]["changeKeys"] is True
    wrong = {"integration": provider, "data": PROVIDERS[provider][2] | {"changeKeys": "yes"}}
    assert_refused(enspace, "POST", PATH, 400, "data.changeKeys", wrong, field="data.changeKeys")


@pytest.mark.rule("R109")
@each_provider
def test_integration__posted_again_is_the_same_record_later(enspace: Enspace, provider: int) -> None:
    first = set_up(enspace, provider)
    count = len(enspace.get(PATH).json())
    again = set_up(enspace, provider)
    assert (again["id"], again["created_at"]) == (first["id"], first["created_at"])
    assert again["updated_at"] > first["updated_at"]
    assert len(enspace.get(PATH).json()) == count


@pytest.mark.rule("R109")
def test_integration__that_is_in_the_demo_data_is_updated(enspace: Enspace) -> None:
    before = next(row for row in enspace.get(PATH).json() if row["integration"]["id"] == D4SIGN)
    after = set_up(enspace, D4SIGN, environment="production")
    assert (after["id"], after["created_at"]) == (before["id"], before["created_at"])
    assert after["data"]["environment"] == "production"


@pytest.mark.rule("R109")
def test_integration_secrets__change_with_change_keys_only(enspace: Enspace) -> None:
    demo = next(row for row in enspace.get(PATH).json() if row["integration"]["id"] == SENDGRID)
    assert stored(enspace, demo)["secrets"] == {}
    set_up(enspace, SENDGRID)
    assert stored(enspace, demo)["secrets"] == {}
    set_up(enspace, SENDGRID, changeKeys=True)
    assert stored(enspace, demo)["secrets"] == "***"


@pytest.mark.rule("R109")
def test_integration__of_another_workspace_is_another_record(enspace: Enspace) -> None:
    elsewhere = enspace.as_user("eduarda.rocha@yourcompany.com.br", workspace="rh-abc")
    theirs = elsewhere.get(PATH).json()
    made = set_up(enspace, theirs[0]["integration"]["id"])
    assert made["id"] not in [row["id"] for row in theirs]
    assert elsewhere.get(PATH).json() == theirs


@pytest.mark.rule("R111")
def test_list_integrations__has_the_shape_of_the_create_answer(enspace: Enspace) -> None:
    before = enspace.get(PATH).json()
    made = set_up(enspace, CERTISIGN)
    assert enspace.get(PATH).json() == [*before, made]
    assert all(set(row) == set(made) for row in before)


@pytest.mark.rule("R111")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_integration__has_no_path_of_its_own(enspace: Enspace, method: str) -> None:
    assert_refused(enspace, method, f"{PATH}/12", 404, "Not Found")


@pytest.mark.parametrize("name", SENT)
def test_documented_message__gets_its_documented_answer(server: Callable[..., AsgiClient], name: str) -> None:
    answer = server(stateless=True).post(PATH, json=SENT[name]["value"])
    assert (answer.status_code, answer.json()) == (200, ANSWERED[name]["value"])
    assert len(SENT) == len(ANSWERED) == len(PROVIDERS)
