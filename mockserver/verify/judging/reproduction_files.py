"""Files of a reproduction: a shell script with curl, and a pytest file; both pass on a target that keeps the promise.

Both are rendered from the same steps and contain the same assertion, and neither needs a file of this package.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mockserver.text import escape_controls
from mockserver.verify.judging import assertions
from mockserver.verify.judging.reproductions import PLACEHOLDER, AnswerMember, Reproduction, Step

# Variables of the environment, as a run reads them, by the placeholder.
KEYS = {
    name: f"MOCKSERVER_VERIFY_{name.upper()}"
    for name in ("key", "second_key", "expired_key", "limited_key", "viewer_key")
}
# A number in place of a text has no quotes in JSON.
_NUMBER, _UNQUOTED = re.compile(r'"(<<#\w+>>)"'), r"\1"
_SAFE = re.compile(r"[A-Za-z0-9 _/?=&.,:;@%+~<>#\[\]{}()*|-]*")


class Script(str):
    """Source of a file, from which secrets are masked already: to mask more of it would break it."""

    __slots__ = ()


@dataclass(frozen=True)
class Heading:
    """The words of a finding, for the first lines of a file."""

    name: str
    received: str
    documented: str
    target: str
    workspace: str

    def lines(self, tools: str, used: list[str]) -> Iterator[str]:
        """Yields the first lines as comments."""
        yield f"# {_line(self.name)}"
        yield f"# received: {_line(self.received)}"
        yield f"# documented: {_line(self.documented)}"
        needed = ", ".join(KEYS[name] for name in used)
        yield f"# Needs {tools}{' and, in the environment, ' + needed if needed else ''}."
        yield "# Another target: MOCKSERVER_VERIFY_TARGET; another workspace: MOCKSERVER_VERIFY_WORKSPACE."


def _line(text: str) -> str:
    return escape_controls(" ".join(text.split()))


def identifier(text: str) -> str:
    """Returns a text as a name in Python and in file names."""
    return re.sub(r"\W+", "_", text).lower().strip("_")


def render_pytest(made: Reproduction, heading: Heading) -> str:
    """Renders a pytest file that sends the sequence and asserts the promise."""
    used = _used_keys(made)
    constants = [f"{name.upper()} = os.getenv({KEYS[name]!r}, '')" for name in used]
    given = [f"assert {name.upper()}, 'set {KEYS[name]}'" for name in used]
    steps = [line for step in made.steps for line in _python_step(step)]
    parts = [
        [*heading.lines("httpx", used), "", *_IMPORTS, "", "import httpx"],
        [f"TARGET = os.getenv('MOCKSERVER_VERIFY_TARGET', {heading.target!r})"],
        [f"WORKSPACE = os.getenv('MOCKSERVER_VERIFY_WORKSPACE', {heading.workspace!r})", *constants],
        ["MARK = f'mv{secrets.token_hex(4)}'  # in every name, so that nothing exists already", "", ""],
        [f"def test_{identifier(heading.name)}() -> None:"],
        [f"    {line}" for line in (*given, *steps, *_asserted(made))],
        ["", "", _SEND, *_library(made)],
    ]
    return "\n".join(line for part in parts for line in part) + "\n"


def _python_step(step: Step) -> Iterator[str]:
    yield f"{'' if step.deletes else f'answer_{step.number} = '}send("
    arguments = [f"{step.method!r}, {_python(step.path)}", _python(step.headers)]
    if step.body is not None:
        arguments.append(f"json.dumps({_python(step.body)})")
    elif step.content:
        arguments.append(_python(step.content))
    if step.deletes:
        arguments.append(f"only_if=answer_{step.deletes}.status < 300 and {_last_key(step)}")
    yield from (f"    {argument}," for argument in arguments)
    yield ")"
    yield from (f"{member}_{step.number} = key_of(answer_{step.number}, {member!r})" for member in step.saves)


def _last_key(step: Step) -> str:
    """Returns the variable of the key that a deletion names: without it, the path would be that of the collection."""
    return str(PLACEHOLDER.findall(step.path)[-1][1])


def _asserted(made: Reproduction) -> Iterator[str]:
    """Yields the last lines of both files."""
    for step in made.steps:
        if made.has_to_succeed(step):
            yield f"assert 200 <= answer_{step.number}.status < 300, ('another request failed', answer_{step.number})"
    arguments = [f"answer_{made.observed}", *map(_python, made.arguments)]
    yield f"assert {made.promise.__name__}({', '.join(arguments)}), answer_{made.observed}"


def _python(value: Any) -> str:
    """Renders a value as an expression; placeholders become variables."""
    if isinstance(value, AnswerMember):
        return f"pick(answer_{value.number}.json, {_python(value.path)})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_python(name)}: {_python(part)}" for name, part in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_python, value)) + "]"
    if not isinstance(value, str) or not PLACEHOLDER.search(value):
        return repr(value)
    if whole := PLACEHOLDER.fullmatch(value):
        return _variable(whole[2])
    pieces = PLACEHOLDER.split(value)  # text, sign, name, text, …
    literal = [text.replace("{", "{{").replace("}", "}}") for text in pieces[::3]]
    names = [f"{{{_variable(name)}}}" for name in pieces[2::3]] + [""]
    return "f" + repr("".join(text + name for text, name in zip(literal, names, strict=True)))


def _variable(name: str) -> str:
    return name.upper() if name in (*KEYS, "mark", "target", "workspace") else name


def _used_keys(made: Reproduction) -> list[str]:
    return [name for name in KEYS if any(f"<<{name}>>" in step.headers.values() for step in made.steps)]


def render_script(made: Reproduction, heading: Heading) -> str:
    """Renders a shell script that sends the sequence with curl and asserts the promise with Python."""
    used = _used_keys(made)
    answers = [step for step in made.steps if not step.deletes]
    saved = [(member, step.number) for step in made.steps for member in step.saves]
    parts = [
        ["#!/usr/bin/env bash", *heading.lines("curl and python3", used), "set -eu"],
        [f"TARGET=${{MOCKSERVER_VERIFY_TARGET:-{_shell(heading.target)}}}"],
        [f"WORKSPACE=${{MOCKSERVER_VERIFY_WORKSPACE:-{_shell(heading.workspace)}}}"],
        [f"{name.upper()}=${{{KEYS[name]}:?}}" for name in used],
        ["MARK=mv$(od -An -N4 -tx1 /dev/urandom | tr -d ' \\n')  # in every name, so that nothing exists already"],
        ["FOLDER=$(mktemp -d)", "trap 'rm -r \"$FOLDER\"' EXIT", "", *([_MEMBER, ""] if saved else [])],
        [line for step in made.steps for line in _shell_step(step)],
        ["", "MARK=$MARK FOLDER=$FOLDER python3 - <<'END'", *_IMPORTS, "", "MARK = os.getenv('MARK')", "", ""],
        [_LOAD, *_library(made), ""],
        [f"answer_{step.number} = load({step.number})" for step in answers],
        [f"{name}_{number} = key_of(answer_{number}, {name!r})" for name, number in saved],
        [*_asserted(made), "print('the promise is kept')", "END"],
    ]
    return "\n".join(line for part in parts for line in part) + "\n"


def _shell_step(step: Step) -> Iterator[str]:
    kept = "" if step.deletes else f' -D "$FOLDER/{step.number}.head" -o "$FOLDER/{step.number}.body"'
    parts = [f'curl -sS --globoff --path-as-is{kept or " -o /dev/null"} -X {step.method} "$TARGET"{_shell(step.path)}']
    parts += [f"-H {_shell(f'{name}: {value}')}" for name, value in step.headers.items()]
    content = json.dumps(step.body) if step.body is not None else step.content
    if content:
        parts.append(f"--data-binary {_shell(_NUMBER.sub(_UNQUOTED, content))}")
    command = " \\\n  ".join(parts)
    if step.deletes:
        yield f'if [ -n "${{{_last_key(step)}}}" ] && head -1 "$FOLDER/{step.deletes}.head" | grep -q " 2"; then'
        yield f"  {command}"
        yield "fi"
        return
    yield command
    for member in step.saves:
        yield f'{member}_{step.number}=$(member {member} "$FOLDER/{step.number}.body")'


def _shell(text: str) -> str:
    """Quotes a text for the shell; placeholders become variables."""
    pieces = PLACEHOLDER.split(text)  # text, sign, name, text, …
    words: list[str] = []
    for literal, name in zip(pieces[::3], [*pieces[2::3], ""], strict=True):
        variable = f"${{{_variable(name)}}}" if name else ""
        if _SAFE.fullmatch(literal):
            words.append(f'"{literal}{variable}"')
        else:
            quoted = literal.replace("'", "'\\''")
            words += [f"'{quoted}'", *([f'"{variable}"'] if name else [])]
    return "".join(words)


def _library(made: Reproduction) -> list[str]:
    """Returns the source of the assertion and of all that it uses."""
    needed, waiting = set[str](), [made.promise.__name__, "pick", "ReceivedAnswer"]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += [other for other in re.findall(r"\w+", _ASSERTIONS[name]) if other in _ASSERTIONS]
    sources = [_KEY_OF, *(source for name, source in _ASSERTIONS.items() if name in needed)]
    return "\n\n\n".join(source.strip() for source in sources).splitlines()


# Read once: Python parses the whole file for the source of each class.
_ASSERTIONS = {
    name: inspect.getsource(part)
    for name, part in vars(assertions).items()
    if getattr(part, "__module__", "") == assertions.__name__
}
_IMPORTS = sorted(
    {line for line in inspect.getsource(assertions).splitlines() if re.match("from (?!__)|import ", line)}
    | {"import json", "import os", "import secrets"}
)
_KEY_OF = '''Path = Sequence[str]


def key_of(answer, name):
    """Returns the key of a created record; empty if none was created."""
    value = answer.json.get(name, "") if isinstance(answer.json, dict) else ""
    assert re.fullmatch(r"(\\w[\\w.-]*)?", str(value)), f"no usable key: {value!r}"
    return value
'''
_SEND = '''def send(method, path, headers, body="", only_if=True):
    """Sends one request; redirects are not followed."""
    if not only_if:
        return None
    options = {"headers": headers, "content": body.encode(), "timeout": 60, "trust_env": False}
    response = httpx.request(method, TARGET + path, **options)
    try:
        received = response.json()
    except ValueError:
        received = ...
    return ReceivedAnswer(response.status_code, dict(response.headers), response.text, received)

'''
_MEMBER = """member() {  # NAME FILE: the key in a saved answer; empty without one
  python3 - "$@" <<'END'
import json, re, sys
try:
    value = json.load(open(sys.argv[2]))[sys.argv[1]]
except (OSError, ValueError, LookupError, TypeError):
    value = ""
assert re.fullmatch(r"(\\w[\\w.-]*)?", str(value)), f"no usable key: {value!r}"
print(value)
END
}"""
_LOAD = '''def load(number):
    """Reads an answer that curl has saved."""
    folder = os.getenv("FOLDER")
    heads = open(f"{folder}/{number}.head", "rb").read().decode("latin-1").replace("\\r", "").strip()
    status, *head = heads.split("\\n\\n")[-1].splitlines()  # after those of interim answers
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head)}
    file = f"{folder}/{number}.body"  # there is none for an empty body
    text = open(file, "rb").read().decode("utf-8", "replace") if os.path.exists(file) else ""
    try:
        received = json.loads(text)
    except ValueError:
        received = ...
    return ReceivedAnswer(int(status.split()[1]), headers, text, received)

'''
