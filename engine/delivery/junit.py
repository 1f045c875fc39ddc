"""The gates as JUnit XML, so that a CI system shows them as tests."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from engine.delivery import words
from engine.delivery.contents import Contents
from engine.evaluation.gates import GateResult
from engine.visible import printable

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def as_junit(contents: Contents) -> str:
    """One test suite, a test a gate: FAIL is a failure, OPEN an error, a waived gate is skipped.

    OPEN is an error because a pipeline must not take "nobody knows" for a pass.
    """
    gates = contents.verdict.gates
    counted = {
        "tests": len(gates),
        "failures": sum(g.outcome == "fail" and not g.waived_by for g in gates),
        "errors": sum(g.outcome == "inconclusive" and not g.waived_by for g in gates),
        "skipped": sum(bool(g.waived_by) for g in gates),
    }
    figures = {name: str(count) for name, count in counted.items()}
    name = _clean(f"strop: {contents.session.name}, run {contents.run.id}")
    root = Xml.Element("testsuites", {"name": name, **figures})
    suite = Xml.SubElement(
        root, "testsuite", {"name": name, "timestamp": contents.written, **figures}
    )
    _add_properties(suite, contents)
    for gate in gates:
        _add_gate(suite, contents, gate)
    Xml.indent(root)
    return f"{DECLARATION}\n{Xml.tostring(root, encoding='unicode')}\n"


def _add_properties(suite: Xml.Element, contents: Contents) -> None:
    named = {
        "verdict": contents.verdict.verdict,
        "exit-code": str(contents.verdict.exit_code),
        "frozen": contents.session.frozen_at or "never",
        "amendments": str(len(contents.amendments)),
        "looks": str(contents.looks),
        **{f"sha256.{name}": digest for name, digest in contents.job.hashes.items()},
        **{f"version.{name}": version for name, version in contents.job.versions.items()},
    }
    properties = Xml.SubElement(suite, "properties")
    for name, value in named.items():
        Xml.SubElement(properties, "property", {"name": _clean(name), "value": _clean(value)})


def _add_gate(suite: Xml.Element, contents: Contents, gate: GateResult) -> None:
    names = {"classname": f"{_clean(contents.session.slug)}.gates", "name": gate.gate}
    case = Xml.SubElement(suite, "testcase", names)
    said = _clean(gate.sentence)
    if gate.waived_by:
        reason = _clean(f"waived by {gate.waived_by}: {gate.waived_for}. {gate.sentence}")
        Xml.SubElement(case, "skipped", {"message": reason})
    elif gate.outcome == "fail":
        Xml.SubElement(case, "failure", {"message": said, "type": "fail"})
    elif gate.outcome == "inconclusive":
        Xml.SubElement(case, "error", {"message": said, "type": "inconclusive"})
    Xml.SubElement(case, "system-out").text = "\n".join(_details(contents, gate))


def _details(contents: Contents, gate: GateResult) -> list[str]:
    lines = [words.counts(gate), words.interval(gate), words.p_value(gate), *gate.notes]
    if gate.settle:
        lines.append(f"would settle it: {gate.settle}")
    for rows in contents.rows_of(gate):
        for name, ids in (("regressions", rows.broken), ("violations", rows.violated)):
            if ids:
                lines.append(f"{rows.suite}, {name}: {' '.join(ids)}")
    return [_clean(line) for line in lines if line]


def _clean(text: str) -> str:
    """What XML 1.0 may hold: no control characters, no lone surrogates, no noncharacters."""
    return printable(text).replace("\ufffe", "<U+FFFE>").replace("\uffff", "<U+FFFF>")
