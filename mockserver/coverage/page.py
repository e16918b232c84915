"""The report as one HTML page that needs nothing else: no network, no script.

Wide, it is a matrix of operations and statuses; narrow, each operation is a block with its statuses in a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from string import Template

from mockserver.coverage.report import Line, Parts, Report, Tally

_PAGE = Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))


def page(report: Report) -> str:
    """The whole page."""
    parts = report.parts
    statuses = sorted({status for line in report.lines for status in line.statuses})
    return _PAGE.substitute(
        title=escape(report.title),
        calls="all sandboxes" if report.sandbox is None else f"the sandbox {escape(report.sandbox)}",
        percent=parts.overall.percent,
        parts="".join(_part(name, tally) for name, tally in parts.by_name().items()),
        heads="".join(f"<th scope=col>{status}</th>" for status in statuses),
        rows="".join(_rows(report, statuses)),
        undocumented="".join(_undocumented(report)) or "<li>none</li>",
    )


def _part(name: str, tally: Tally) -> str:
    told = f"{tally.seen} of {tally.of}"
    return f"<li><b>{name}</b> {told} <meter min=0 max=100 value={tally.percent}>{tally.percent} %</meter></li>"


def _rows(report: Report, statuses: list[int]) -> Iterator[str]:
    for tag, lines in report.by_tag.items():
        tally = sum((line.parts for line in lines), Parts()).overall
        yield f"<tr class=tag><th colspan={len(statuses) + 3} scope=rowgroup>{escape(tag)} {tally.percent} %</th></tr>"
        for line in lines:
            yield _row(line, statuses)


def _row(line: Line, statuses: list[int]) -> str:
    operation = line.operation
    call = f"{operation.method} {escape(operation.path)}"
    sure = f" · {escape(line.provenance)}" if line.provenance else ""
    return (
        f"<tr{'' if line.called else ' class=never'}>"
        f"<th scope=row>{escape(operation.id)}<small>{call}{sure}</small></th>"
        + "".join(_status(status, line.statuses.get(status)) for status in statuses)
        + f"{_places('parameters', line.parameters)}{_places('members', line.members)}</tr>"
    )


def _status(status: int, seen: bool | None) -> str:
    """Empty where the status is not documented."""
    if seen is None:
        return "<td class=none></td>"
    return f"<td class={'yes' if seen else 'no'}><i>{status} </i>{'seen' if seen else 'never'}</td>"


def _places(name: str, places: dict[str, bool]) -> str:
    if not places:
        return "<td class=none></td>"
    told = "".join(f"<li class={'yes' if seen else 'no'}>{escape(place)}</li>" for place, seen in places.items())
    head = f"<summary><i>{name} </i>{sum(places.values())} of {len(places)}</summary>"
    return f"<td class=places><details>{head}<ul>{told}</ul></details></td>"


def _undocumented(report: Report) -> Iterator[str]:
    for line in report.lines:
        if line.undocumented:
            yield f"<li>{escape(line.operation.id)}: {', '.join(map(str, line.undocumented))}</li>"
