"""Texts of a target in the reports: markup, table syntax and control characters stay text."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from mockserver.verify.reports import html_report, json_report, junit_report, markdown_report
from mockserver.verify.results import (
    Cleanup,
    Environment,
    Finding,
    GuardCounts,
    Latency,
    LeftRecord,
    Meaning,
    NotTested,
    OperationCoverage,
    Provenance,
    Results,
    Severity,
)

HOSTILE = "<script>alert(1)</script>\"'&amp;|\\[a](http://a.example) `c` @team\u202e\x00\x1b"
FINDING = Finding(
    operation=HOSTILE,
    promise=HOSTILE,
    meaning=Meaning.BROKEN,
    severity=Severity.ERROR,
    received=HOSTILE,
    documented=HOSTILE,
    location=HOSTILE,
    operation_provenance=Provenance(HOSTILE, HOSTILE),
    property_provenance=Provenance(HOSTILE, HOSTILE),
    curl=HOSTILE,
    reproduce=HOSTILE,
)
RESULTS = Results(
    Environment(HOSTILE, "own-data", "quick", 1, HOSTILE, HOSTILE, "2026-03-01T10:00:00Z", 2, {HOSTILE: HOSTILE}),
    (FINDING,),
    (OperationCoverage(HOSTILE, "GET", HOSTILE, HOSTILE, (200,), {200: 3, 418: 1}, Latency(4, 1, 2, 3)),),
    (NotTested(HOSTILE, HOSTILE),),
    Cleanup(1, 0, (LeftRecord(HOSTILE, HOSTILE),), HOSTILE),
    GuardCounts(4, {HOSTILE: 2}),
    partial=HOSTILE,
)


@pytest.mark.parametrize("results", [RESULTS, replace(RESULTS, stopped=HOSTILE)])
def test_html__escapes_every_text(results: Results) -> None:
    page = html_report.render(results)
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 20


def test_html__links_to_each_of_its_sections() -> None:
    page = html_report.render(RESULTS)
    sections = re.findall(r'<h2 id="([a-z0-9-]+)"', page)
    assert "broken-promises-1" in sections
    assert re.findall(r'<a href="#([^"]*)"', page) == sections
    assert len(set(sections)) == len(sections)


def test_html__shows_the_state_of_each_status() -> None:
    page = html_report.render(replace(RESULTS, findings=()))
    assert '<td class="seen">3</td><td class="undocumented">1</td></tr>' in page
    assert "<title>broken" not in page
    assert "Broken promises" not in page


def test_markdown__keeps_the_table() -> None:
    row = next(line for line in markdown_report.render(RESULTS).splitlines() if line.startswith("| &#60;script"))
    assert row.count("|") == 7
    assert "<script" not in row
    assert row.isprintable()
    assert not any(mark in row for mark in ("[a]", "://", "`", "@", "\\["))


def test_junit__is_xml() -> None:
    suite = ElementTree.fromstring(junit_report.render(RESULTS))
    assert suite.get("failures") == "1"
    assert "<script>" in (suite.findtext(".//failure") or "")


def test_json__keeps_the_texts() -> None:
    assert json.loads(json_report.render(RESULTS))["findings"][0]["received"] == HOSTILE
