"""The JUnit report for CI systems: a test case for each operation, its findings as failures."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

from mockserver.text import xml_text
from mockserver.verify.reports.markdown_report import describe_environment
from mockserver.verify.results import Finding, Results


def render(results: Results) -> str:
    """Renders the file."""
    names = [c.operation for c in results.coverage]
    others = sorted({f.operation for f in results.findings} - set(names))
    suite = Element("testsuite", name="mockserver verify", timestamp=results.environment.started)
    properties = SubElement(suite, "properties")
    for name, value in (describe_environment(results) | {"partial": results.partial}).items():
        if value:
            SubElement(properties, "property", name=name, value=xml_text(value))
    for name in [*names, *others]:
        case = SubElement(suite, "testcase", classname="verify", name=xml_text(name) or "the target")
        findings = [f for f in results.findings if f.operation == name]
        for finding in findings:
            _add_failure(case, finding, results)
        for trouble in (t for t in results.troubles if t.operation == name):
            SubElement(case, "system-out").text = xml_text(f"without a usable answer: {trouble.share}")
        if not findings and not _was_reached(results, name):
            SubElement(case, "skipped", message=xml_text(_skip_reason(results, name)))
    _add_cleanup(suite, results)
    _add_counts(suite, results)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(suite, encoding="unicode") + "\n"


def _add_failure(case: Element, finding: Finding, results: Results) -> None:
    # Findings of the baseline must not fail the pipeline.
    if finding.identity in results.known:
        return
    kind = "error" if finding.meaning == "environment" else "failure"
    element = SubElement(
        case, kind, type=xml_text(finding.promise), message=xml_text(f"{finding.severity}: {finding.received}")
    )
    lines = [f"received: {finding.received}", f"documented: {finding.documented}"]
    lines += [f"contract: {finding.contract}"] if finding.contract else []
    lines += [f"since request {finding.request}"] if finding.request else []
    lines += [f"cause: {finding.cause}"] if finding.cause else []
    element.text = xml_text("\n".join([*lines, finding.curl, finding.reproduction]))


def _add_cleanup(suite: Element, results: Results) -> None:
    """Adds the records that are left: an error, unless no operation of the contract could delete them."""
    left = results.cleanup.left
    if left:
        case = SubElement(suite, "testcase", classname="verify", name="cleanup")
        kind = "error" if any(record.is_deletable for record in left) else "system-out"
        SubElement(case, kind).text = xml_text("\n".join(f"left: {record.path}: {record.why}" for record in left))


def _add_counts(suite: Element, results: Results) -> None:
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for kind, plural in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(plural, str(sum(case.find(kind) is not None for case in cases)))
    suite.set("time", str(results.environment.seconds))


def _was_reached(results: Results, operation: str) -> bool:
    return any(c.seen for c in results.coverage if c.operation == operation)


def _skip_reason(results: Results, operation: str) -> str:
    return next((n.why for n in results.not_tested if n.what == operation), "no request reached it")
