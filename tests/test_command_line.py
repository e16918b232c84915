"""The command line: output, stream and exit code of each command."""

from __future__ import annotations

import re
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from mockserver import Settings
from mockserver.errors import StartError
from mockserver.settings import option_of
from tests.conftest import ANALYST_KEY, EXPIRED_KEY, FULL_KEY, OTHER_WORKSPACE_KEY, READ_ONLY_KEY, VIEWER_KEY
from tests.invocation import invoke
from tests.live import LiveServer, mockserver

Run = Callable[..., Result]
KEYS = {
    FULL_KEY: "company-abc: read+write+delete (owner), financeiro-abc: read+write+delete (full)",
    READ_ONLY_KEY: "company-abc: read (full)",
    EXPIRED_KEY: "expired company-abc: read+write+delete (owner)",
    ANALYST_KEY: "company-abc: read+write (standard, role Analista)",
    VIEWER_KEY: "company-abc: read (viewer)",
    OTHER_WORKSPACE_KEY: "rh-abc: read+write+delete (owner)",
}
HEAD = "openapi: 3.0.3\ninfo: {title: Small, version: '1'}\n"
OPERATION = "{operationId: listItems, responses: {'200': {description: Items.}}}"
REFERENCE = "{operationId: listItems, responses: {'200': {$ref: '%s'}}}"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in this process, on the loopback and a free port, and never serves."""
    for name in [f"MOCKSERVER_{setting.name.upper()}" for setting in fields(Settings)]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("mockserver.serving.server.serve", lambda app, journal, sockets: sockets[0].close())
    return lambda *arguments, **environment: invoke(*arguments, **environment)


def assert_stopped(result: Result, *parts: str) -> None:
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1, result.stderr
    assert result.stderr.startswith("mockserver: ")
    assert [part for part in parts if part not in result.stderr] == []


NO_YAML = "not readable as YAML: "
NO_OPENAPI = "not an OpenAPI 3 document: "
UNREADABLE = {
    "tab": (HEAD + "\tpaths: {}\n", 3, NO_YAML),
    "unclosed bracket": (HEAD + "paths: {}\ntags: [a\n", 5, NO_YAML),
    "equal keys": (HEAD + "paths:\n  /a: {}\n  /a: {}\n", 5, NO_YAML + "the key `/a` is repeated"),
    "too deep": (HEAD + "paths: {}\nx-deep: " + "[" * 3000 + "]" * 3000, 4, NO_YAML + "nested deeper than 100 levels"),
    "far too deep": (HEAD + "paths: {}\nx-deep: " + "[" * 90_000, 4, NO_YAML + "nested deeper than 100 levels"),
    "deep JSON": ('{"openapi": "3.0.0", "x": ' + "[" * 400 + "]" * 400 + "}", 1, NO_YAML + "nested deeper than 100"),
    "endless alias": (HEAD + "paths: {}\nx-a: &a [*a]\n", 4, NO_YAML + "aliases without end"),
    "list as a key": (HEAD + "? [a]\n: {}\n", 3, NO_YAML),
    "tag of Python": (HEAD + "paths: !!python/name:os.system {}\n", 3, NO_YAML),
    "unknown anchor": (HEAD + "paths: *other\n", 3, NO_YAML),
    "empty": ("", 1, NO_OPENAPI + "no `openapi` member"),
    "a list": ("- openapi: 3.0.3\n", 1, NO_OPENAPI),
    "other YAML": ("swagger: '1.2'\npaths: {}\n", 1, NO_OPENAPI + "no `openapi` member"),
    "a newer OpenAPI": ("openapi: 3.12\npaths: {}\n", 1, NO_OPENAPI + "`openapi: 3.12`"),
    "no paths": (HEAD, 1, "the document has no `paths`"),
}
BROKEN = {
    "reference to nothing": (f"{HEAD}paths:\n  /a: {{get: {REFERENCE % '#/components/responses/X'}}}\n", 4, "$ref"),
    "reference to a file": (f"{HEAD}paths:\n  /a: {{get: {REFERENCE % 'other.yaml#/X'}}}\n", 4, "$ref"),
}
LENIENT = {
    "equal operationIds": (
        f"{HEAD}paths:\n  /a: {{get: {OPERATION}}}\n  /b: {{get: {OPERATION}}}\n",
        5,
        "#/paths/~1b/get/operationId: the handler of `listItems` is `list_items`",
    ),
    "text in place of a path": (
        f"{HEAD}paths:\n  /a: x\n  /b: {{get: {OPERATION}}}\n",
        4,
        "#/paths/~1a: ignored: not an object: the pathItem",
    ),
    "no operationId": (
        f"{HEAD}paths:\n  /a:\n    get: {{responses: {{'200': {{description: A.}}}}}}\n",
        5,
        "#/paths/~1a/get: `get /a` has no `operationId`: `getA`",
    ),
    "key of the path undeclared": (
        f"{HEAD}paths:\n  /a/{{id}}: {{get: {OPERATION}}}\n",
        4,
        "`{id}` of `/a/{id}` is not declared: any text",
    ),
}


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["lint"]], ids=["serve", "lint"])
@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "No such file"), (b"openapi: \xff", "not UTF-8"), (b"openapi: \0", "not readable as YAML")],
    ids=["missing", "undecodable", "control character"],
)
def test_contract__without_a_line(
    run: Run, tmp_path: Path, command: list[str], content: bytes | None, message: str
) -> None:
    path = tmp_path / "contract.yaml"
    if content is not None:
        path.write_bytes(content)
    assert_stopped(run(*command, "--spec", str(path)), f"{path}", message, ". Fix: ")


@pytest.mark.parametrize(("text", "line", "message"), (UNREADABLE | BROKEN).values(), ids=UNREADABLE | BROKEN)
def test_contract__that_cannot_be_read_or_repaired_is_not_served(
    run: Run, tmp_path: Path, text: str, line: int, message: str
) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(text, encoding="utf-8")
    result = run("serve", "--port", "0", "--spec", str(path))
    assert_stopped(result, message, ". Fix: ")
    assert result.stderr.startswith(f"mockserver: {path}:{line}: ")


@pytest.mark.parametrize(("text", "line", "message"), LENIENT.values(), ids=LENIENT)
def test_contract__interpreted_leniently_is_served(
    run: Run, tmp_path: Path, text: str, line: int, message: str
) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(text, encoding="utf-8")
    result = run("serve", "--port", "0", "--spec", str(path))
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"1 place interpreted leniently, see `mockserver lint --spec {path}`" in result.stdout


@pytest.mark.parametrize(("text", "line", "message"), (BROKEN | LENIENT).values(), ids=BROKEN | LENIENT)
def test_lint__prints_each_finding_with_its_position(
    run: Run, tmp_path: Path, text: str, line: int, message: str
) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(text, encoding="utf-8")
    result = run("lint", "--spec", str(path))
    finding, count = result.stdout.splitlines()
    assert (result.exit_code, result.stderr, count) == (1, "", "1 finding(s)")
    assert finding.startswith(f"{path}:{line}:")
    assert message in finding


@pytest.mark.parametrize(
    ("item", "key", "finding"),
    [
        ('{"get":{"tags":5}}', '"tags"', "#/paths/~1a/get/tags: ignored: not a list"),
        ('{"get":{"security":[{"gone":[]}]}}', '"gone"', "#/paths/~1a/get/security/0/gone: "),
        ('{"$ref":"#/gone"}', '"/a"', "#/paths/~1a: left out"),
    ],
)
def test_lint__names_column_and_pointer(run: Run, tmp_path: Path, item: str, key: str, finding: str) -> None:
    path = tmp_path / "contract.json"
    text = f'{{"openapi":"3.0.3","info":{{"title":"T","version":"1"}},"paths":{{"/a":{item}}}}}'
    path.write_text(text)
    result = run("lint", "--spec", str(path))
    assert f"{path}:1:{text.index(key) + 1} {finding}" in result.stdout


GAP = "{type: object, required: [a], properties: {a: {type: integer, minimum: 2, maximum: 1}}}"


@pytest.mark.parametrize("command", ["serve", "lint"])
def test_answer__that_cannot_be_generated_is_named(run: Run, tmp_path: Path, command: str) -> None:
    path = tmp_path / "contract.yaml"
    answer = f"{{description: A., content: {{application/json: {{schema: {GAP}}}}}}}"
    path.write_text(f"{HEAD}paths:\n  /a: {{get: {{operationId: getA, responses: {{'200': {answer}}}}}}}\n")
    result = run(command, "--spec", str(path), *(["--port", "0"] if command == "serve" else []))
    assert "the answer 200 of getA cannot be generated: #/paths/~1a/get/" in result.stdout
    assert command == "serve" or f"{path}:4:" in result.stdout


def test_lint__finds_nothing_in_the_shipped_contract(run: Run) -> None:
    result = run("lint")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "0 finding(s)\n", "")


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["lint"]], ids=["serve", "lint"])
def test_vocabulary__unusable(run: Run, tmp_path: Path, command: list[str]) -> None:
    path = tmp_path / "vocabulary.yaml"
    path.write_text("person: [\n", encoding="utf-8")
    assert_stopped(run(*command, "--fixtures", str(tmp_path)), f"{path}:2: {NO_YAML}", ". Fix: ")


def test_fixtures__missing(run: Run, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert_stopped(run("serve", "--port", "0", "--fixtures", str(missing)), f"{missing}: ", "--fixtures")


@pytest.mark.parametrize(
    ("name", "value", "documented"),
    [
        ("port", "abc", "a whole number from 0 to 65535"),
        ("port", "-1", "a whole number from 0 to 65535"),
        ("port", "65536", "a whole number from 0 to 65535"),
        ("port", "", "a whole number"),
        ("port", "4_010", "a whole number"),
        ("seed", "-1", "a whole number from 0"),
        ("seed", "9223372036854775808", "a whole number from 0 to 9223372036854775807"),
        ("seed", "1.5", "a whole number"),
        ("clock", "noon", "`real` or an ISO instant such as"),
        ("clock", "2026-03-12T20:55:53", "`real` or an ISO instant such as"),
        ("max_body", "0", "a whole number from 1"),
        ("host", "", "a text"),
        ("cors", "localhost:3000", "`auto`, `*`, `none`, or origins such as http://localhost:3000"),
        ("cors", "http://localhost:3000/app", "`auto`, `*`, `none`, or origins"),
        ("cors", "http://localhost:3000,any", "`auto`, `*`, `none`, or origins"),
        ("allowed_hosts", "fake.local:4010", "host names with commas, without a port"),
        ("allowed_hosts", "http://fake.local", "host names"),
    ],
)
def test_setting__impossible(run: Run, name: str, value: str, documented: str) -> None:
    option, variable = option_of(name), f"MOCKSERVER_{name.upper()}"
    assert_stopped(run("serve", option, value), f"{option}: received '{value}', documented: {documented}")
    result = run("serve", **{variable: value})
    assert_stopped(result, f"{variable}: received '{value}', documented: {documented}")


@pytest.mark.parametrize("value", ["192.0.2.1", "\u2026"], ids=["of another machine", "no name"])
def test_host__that_is_not_here(run: Run, value: str) -> None:
    assert_stopped(
        run("serve", "--port", "0", "--control-token", "t", "--host", value), f"cannot listen on {value}:0: ", "--host"
    )


@pytest.mark.parametrize("arguments", [["drift"], ["serve", "--fixtures"]])
def test_path__longer_than_the_system_allows(run: Run, arguments: list[str]) -> None:
    assert_stopped(run(*arguments, "a" * 300), "aaa: File name too long", "Fix: name a shorter path")


def test_locale__unknown(run: Run) -> None:
    assert_stopped(run("serve", "--port", "0", "--locale", "xx_YY"), "xx_YY", "pt_BR")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["serve", "--prot", "5000"], "No such option"),
        (["serve", "--port"], "'--port' requires an argument"),
        (["serve", "--lenient=yes"], "'--lenient' does not take a value"),
        (["serve", "5000"], "unexpected extra argument (5000)"),
        (["brew"], "No such command 'brew'"),
        (["lint", "--port", "0"], "No such option"),
    ],
)
def test_usage__wrong(run: Run, arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    last = result.stderr.splitlines()[-1]
    assert last.startswith("Error: ")
    assert message in last


def test_settings__are_described_in_the_help(run: Run) -> None:
    help_text = " ".join(run("serve", "--help").stdout.split())
    for setting in fields(Settings):
        assert re.search(rf" {option_of(setting.name)}( | / --no-)", help_text)
        assert " ".join(setting.metadata["meaning"].split()) in help_text


# A file with a token has to exist, see `test_settings.py`; several workers need a store that they can share.
ANY_VALUE = [setting for setting in fields(Settings) if setting.name not in ("control_token_file", "workers")]


@pytest.mark.parametrize("setting", ANY_VALUE, ids=lambda setting: setting.name)
def test_setting__is_an_option_and_a_variable(run: Run, monkeypatch: pytest.MonkeyPatch, setting: Field[Any]) -> None:
    received: list[Settings] = []

    def assemble(settings: Settings, recorders: object) -> None:
        received.append(settings)
        raise StartError("enough is known")

    monkeypatch.setattr("mockserver.app.assemble", assemble)
    text, value = another(setting)
    run("serve", option_of(setting.name), *([] if value is True else [text]))
    run("serve", **{f"MOCKSERVER_{setting.name.upper()}": text})
    assert [getattr(settings, setting.name) for settings in received] == [value, value]
    assert value != setting.default


def another(setting: Field[Any]) -> tuple[str, Any]:
    """Returns a value other than the default, as text and parsed."""
    if setting.default is None or isinstance(setting.default, bool):
        return "true", True
    if isinstance(setting.default, int):
        return str(setting.default + 1), setting.default + 1
    text = {"clock": "2026-03-12T20:55:53Z", "cors": "http://other.example"}.get(setting.name, "other")
    return text, Path(text) if isinstance(setting.default, Path) else text


def test_version__is_printed() -> None:
    done = mockserver("--version")
    assert re.fullmatch(r"mockserver, version \d+\.\d+\.\d+\n", done.stdout)
    assert (done.returncode, done.stderr) == (0, "")


def test_serve__missing_contract_ends_with_one_line_and_no_traceback(tmp_path: Path) -> None:
    done = mockserver("serve", "--spec", str(tmp_path / "missing.yaml"))
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"mockserver: \S+missing\.yaml: .+ Fix: name an existing file with --spec\.\n", done.stderr)


@pytest.fixture(scope="module")
def live() -> Iterator[LiveServer]:
    server = LiveServer("--clock", "2026-03-12T20:55:53Z")
    yield server
    server.stop()


def test_serve__port_of_another_is_busy(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        problem = f"cannot listen on 127.0.0.1:{port}: Address already in use. Fix: "
        assert_stopped(run("serve", MOCKSERVER_PORT=port), problem, "--port (0")


def test_serve__port_is_busy_from_the_first_line_on(run: Run, live: LiveServer) -> None:
    assert_stopped(run("serve", "--port", str(live.port)), f"cannot listen on 127.0.0.1:{live.port}: ", "in use")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_serve__prints_its_address_and_ends_cleanly(how: signal.Signals) -> None:
    server = LiveServer("--clock", "2026-03-12T20:55:53Z")
    with server.connect() as idle:  # an address is printed only once it accepts connections
        idle.sendall(b"GET /_mock/health HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert idle.recv(15) == b"HTTP/1.1 200 OK"
        code, output, errors = server.stop(how)
    assert (code, errors) == (0, "")
    assert re.fullmatch(rf"Enspace.*: \d+ operations at {re.escape(server.address)}\n", server.first_line)
    assert f"docs {server.address}/docs" in output
    keys = {line.split()[0]: " ".join(line.split()[1:]) for line in output.splitlines() if line.startswith("    en.")}
    assert keys == KEYS


def test_lint__escapes_what_would_rewrite_the_terminal(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    operation = '{operationId: x, responses: {"200": {description: d}}}'
    text = f'openapi: 3.0.3\ninfo: {{title: T, version: "1"}}\npaths: {{"/{{a\\e[2J\\u202e}}": {{get: {operation}}}}}\n'
    path.write_text(text, encoding="utf-8")
    result = run("lint", "--spec", str(path))
    assert "\\x1b[2J\\u202e" in result.stdout
    assert all(line.isprintable() for line in (result.stdout + result.stderr).splitlines())
