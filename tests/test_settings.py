from dataclasses import fields
from pathlib import Path

import pytest

from mockserver.settings import Settings, SettingsError, load_settings, running_server


def test_option__wins_over_the_environment_and_that_over_the_default() -> None:
    environment = {"MOCKSERVER_PORT": "5001", "MOCKSERVER_SEED": "7"}
    settings = load_settings({"port": "5002", "seed": None}, environment)
    assert (settings.port, settings.seed, settings.locale) == (5002, 7, "pt_BR")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("port", "abc", "--port: received 'abc', documented: a whole number from 0 to 65535"),
        ("port", "70000", "--port: received '70000'"),
        ("seed", "-1", "--seed: received '-1'"),
        ("lenient", "maybe", "--lenient: received 'maybe', documented: true or false"),
        ("clock", "noon", "--clock: received 'noon', documented: `real` or an ISO instant"),
        ("clock", "2026-03-12T20:55:53", "--clock: received"),
        ("control_token", "sésamo", "--control-token: received 'sésamo', documented: one line of ASCII text"),
        ("host", "", "--host: received '', documented: a text"),
        ("coverage_min", "101", "--coverage-min: received '101', documented: a whole number from 0 to 100"),
        ("journal_size", "-1", "--journal-size: received '-1', documented: a whole number from 0 to 1000000"),
    ],
)
def test_setting__invalid_is_refused(name: str, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({name: text}, {})
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("cors", "*", "*"),
        ("cors", "none", "none"),
        ("cors", "http://LOCALHOST:3000/, null ,", "http://localhost:3000,null"),
        ("allowed_hosts", "Fake.local, other_host,::1", "fake.local,other_host,::1"),
    ],
)
def test_list__is_read_as_browsers_write_its_parts(name: str, text: str, value: str) -> None:
    assert getattr(load_settings({name: text}, {}), name) == value


def test_variable__invalid_is_refused_with_its_name() -> None:
    with pytest.raises(SettingsError, match="MOCKSERVER_MAX_BODY: received '0'"):
        load_settings({}, {"MOCKSERVER_MAX_BODY": "0"})


def test_defaults__name_files_that_are_shipped() -> None:
    assert Settings().spec.is_file()
    assert Settings().fixtures.is_dir()


def test_docs__list_every_setting() -> None:
    page = (Path(__file__).parents[1] / "docs" / "settings.md").read_text(encoding="utf-8")
    missing = [setting.name for setting in fields(Settings) if f"`--{setting.name.replace('_', '-')}`" not in page]
    assert missing == []


def test_token__is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("sesame\n", encoding="utf-8")
    variables = {"MOCKSERVER_CONTROL_TOKEN_FILE": str(tmp_path / "token")}
    assert load_settings({}, variables).control_token == "sesame"


@pytest.mark.parametrize(("content", "problem"), [(None, "is not readable"), ("a\nb", "one line"), (" \n", "one line")])
def test_token__file_that_contains_none_is_refused(tmp_path: Path, content: str | None, problem: str) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match=f"--control-token-file: .*{problem}"):
        load_settings({"control_token_file": str(file)}, {})


def test_token__of_an_option_wins_over_the_environment(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-file", encoding="utf-8")
    file, token = {"control_token_file": str(tmp_path / "token")}, {"control_token": "plain"}
    variables = {f"MOCKSERVER_{name.upper()}": text for name, text in (file | token).items()}
    assert load_settings(file, variables).control_token == "from-file"
    assert load_settings(token, variables).control_token == "plain"
    assert load_settings({}, variables).control_token == "plain"


def test_running_server__has_the_token_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-file", encoding="utf-8")
    known = {"MOCKSERVER_URL": "http://127.0.0.1:1/", "MOCKSERVER_CONTROL_TOKEN_FILE": str(tmp_path / "token")}
    assert running_server(known) == ("http://127.0.0.1:1", "from-file")
