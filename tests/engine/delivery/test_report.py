from __future__ import annotations

import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as Xml

import msgspec
import pytest

from engine.delivery import glossary, report, words
from engine.delivery.contents import Contents
from engine.delivery.markdown import SHOWN_ERRORS
from engine.delivery.schema import report_schema
from engine.errors import InputError
from engine.evaluation.shapes import check_json
from engine.records import Answer, Assertion
from engine.runs.folder import Metric, write_lines
from engine.steps import report as steps
from engine.steps import scope as scope_step
from engine.steps import train, verdict
from engine.store import sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import answered_run
from tests.screens.answered import HOSTILE_WORDS, compliance, hostile, with_suites

ENDINGS = (".md", ".html", ".json", ".xml")
VOID = {"meta", "br", "link"}


class Page(HTMLParser):
    """A page as a parser sees it: whether every element is closed, ids, links, words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def full_run(workspace: Workspace, slug: str) -> int:
    """A run with curves, an amendment, a waiver, rulings, a signature, and suites."""
    refusals, refused = compliance(*[(True, True)] * 30, (False, True), (True, False))
    folder = with_suites(workspace, slug, {refusals: refused})
    run = folder.job().run
    losses = [Metric(n, 1.0 * n, loss=2.0 / (n + 1)) for n in range(1, 40)]
    looks = [
        Metric(n, 1.0 * n, validation_loss=3 - n / 20, general_loss=1 + n / 90) for n in (0, 20, 39)
    ]
    write_lines(folder.metrics_file, [*losses, *looks])
    scope = sessions.get(workspace.store, slug).scope
    scope_step.save(
        workspace, slug, msgspec.structs.replace(scope, tone="calm"), reason="a tone was missing"
    )
    verdict.rule(workspace, run, "compliance", "must-31", "acceptable", "says it otherwise")
    verdict.waive(workspace, run, "capability", "not used for anything else", "2999-01-01")
    verdict.sign(workspace, slug, run, "lead", "wait for more")
    return run


def written(workspace: Workspace, slug: str, path: Path) -> str:
    steps.write(workspace, slug, None, path)
    return path.read_text(encoding="utf-8")


def test_the_json_report_is_read_back_whole_by_the_published_structs(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    full_run(workspace, curated)
    text = written(workspace, curated, tmp_path / "r.json")
    found = msgspec.json.decode(text, type=Contents)
    assert report.as_json(found) == text
    assert found.format == "strop-report-1"


def test_the_json_report_validates_against_its_schema(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    full_run(workspace, curated)
    text = written(workspace, curated, tmp_path / "r.json")
    assertion = Assertion("json", value=json.dumps(report_schema()))
    assert check_json(assertion, text, "") == (True, "is JSON of the wanted shape")
    wrong = text.replace('"outcome": "pass"', '"outcome": "splendid"', 1)
    assert check_json(assertion, wrong, "")[0] is False


@pytest.mark.parametrize("ending", [".md", ".html"])
def test_a_report_for_people_says_what_a_sceptic_asks(
    workspace: Workspace, curated: str, tmp_path: Path, ending: str
) -> None:
    full_run(workspace, curated)
    raw = written(workspace, curated, tmp_path / f"r{ending}")
    text = Page(raw).text if ending == ".html" else " ".join(raw.replace("\\", "").split())
    session = sessions.get(workspace.store, curated)
    for said in (
        "HOLD",
        f"frozen {words.moment(session.frozen_at)} by ines",
        "opened 1 time since, this report included",
        "a tone was missing",
        "says it otherwise",
        "not used for anything else",
        "wait for more",
        "The scope has changed since this run was trained.",
        "seed 7",
        "python -m engine.worker again",
        f"strop verdict {curated} 1",
        session.sealed_hash or "-",
        "transformers",
        "a case that base passes and tuned fails",
        "must-31",
        "domain: base passes 3 of 30 cases (10 %), tuned",
        "Errors fell by",
        "What this report cannot tell",
        "People looked at 1 of 62 cases.",
        "errors left",
    ):
        assert said in text, said


def test_what_broke_a_rule_and_what_is_still_wrong_stands_there_in_words(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    refusals, refused = compliance(*[(True, True)] * 30, (False, False), (True, False))
    with_suites(workspace, curated, {refusals: refused})
    text = written(workspace, curated, tmp_path / "r.md")
    broke = text[text.index("## Answers that broke a rule: 2") :]
    broke = broke[: broke.index("\n## ")]
    assert broke.count("why tuned fails: ") == 2
    left = text[text.index("## Errors of the task that remain") :].splitlines()
    count = int(left[0].rpartition(" ")[2])
    shown = sum(line.startswith("- **both fail**") for line in left)
    assert 0 < shown == min(count, SHOWN_ERRORS)


def test_adapter_and_base_model_can_be_told_by_their_fingerprints(
    workspace: Workspace, curated: str
) -> None:
    run = full_run(workspace, curated)
    folder = train.folder_of(workspace, run)
    folder.adapter.mkdir()
    (folder.adapter / "adapter_model.safetensors").write_bytes(b"weights")
    model = folder.path / "model"
    model.mkdir()
    (model / "model.safetensors").write_bytes(b"weights")
    job = msgspec.structs.replace(folder.job(), model=str(model))
    folder.job_file.write_bytes(msgspec.json.encode(job))
    found = steps.gather(workspace, curated)
    digest = hashlib.sha256(b"weights").hexdigest()
    assert ("adapter, base model, model.safetensors", digest) in words.fingerprints(found)


def test_the_page_is_well_formed_and_every_link_in_it_leads_somewhere(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    full_run(workspace, curated)
    page = Page(written(workspace, curated, tmp_path / "r.html"))
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert page.links
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    assert page.tags.isdisjoint({"script", "link", "img", "iframe", "object", "form"})
    assert not [name for name in page.attributes if name.startswith("on")]


def test_the_page_follows_light_and_dark_prints_and_loads_nothing(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    full_run(workspace, curated)
    raw = written(workspace, curated, tmp_path / "r.html")
    assert "prefers-color-scheme: dark" in raw
    assert "@media print" in raw
    assert "default-src 'none'" in raw
    assert re.findall(r"url\(|@import|src=", raw) == []
    assert set(re.findall(r"https?://[^\"'<>\s]+", raw)) <= {"http://www.w3.org/2000/svg"}


def test_charts_are_in_the_page_and_name_what_they_show(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    full_run(workspace, curated)
    raw = written(workspace, curated, tmp_path / "r.html")
    pictures = re.findall(r"<svg.*?</svg>", raw, re.S)
    titles = [Xml.fromstring(picture)[0].text or "" for picture in pictures]
    assert sum("limit" in title for title in titles) == 2
    (losses,) = [title for title in titles if title.startswith("Loss by training step")]
    assert "validation 3.00 to 1.05" in losses
    assert "general 1.00 to 1.43" in losses
    (intents,) = [title for title in titles if title.startswith("By intent")]
    assert intents == "By intent. returns: 0 regressions, 24 fixes"


def test_each_figure_leads_to_its_rows(workspace: Workspace, curated: str) -> None:
    full_run(workspace, curated)
    contents = steps.gather(workspace, curated)
    for gate in contents.verdict.gates:
        rows = contents.rows_of(gate)
        if gate.gate in ("domain", "compliance"):
            assert sum(len(r.broken) for r in rows) == gate.b
            assert sum(len(r.fixed) for r in rows) == gate.c
            assert sum(r.n for r in rows) == gate.n
    known = {(line.suite, line.case) for line in contents.cases}
    assert all((r.suite, id_) in known for r in contents.rows for id_ in (*r.broken, *r.fixed))
    (refused,) = [r for r in contents.rows if r.gate == "compliance"]
    assert refused.violated == ("must-31",)


def test_junit_tells_a_failed_gate_from_an_open_and_a_waived_one(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    full_run(workspace, curated)
    verdict.rule(workspace, 1, "compliance", "must-31", "regression")
    root = Xml.fromstring(written(workspace, curated, tmp_path / "r.xml"))
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert list(cases) == list(glossary.ABOUT)
    ends = {name: [child.tag for child in case] for name, case in cases.items()}
    assert ends["domain"] == ["system-out"]
    assert ends["compliance"] == ["failure", "system-out"]
    assert ends["forgetting"] == ["error", "system-out"]
    assert ends["capability"] == ["skipped", "system-out"]
    figures = {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert figures == {"tests": "7", "failures": "1", "errors": "2", "skipped": "1"}
    properties = {p.get("name"): p.get("value") for p in root.iter("property")}
    assert properties["verdict"] == "do-not-ship"
    assert "compliance, regressions: must-31" in (cases["compliance"][-1].text or "")


def test_hostile_words_stay_words_in_every_form(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    suite, answers = hostile()
    folder = with_suites(workspace, curated, {suite: answers})
    bad = f"{HOSTILE_WORDS}<script>alert(1)</script><svg onload=x>\x1b]52;c;QQ\x07 \u202e ]]> {{{{"
    kept = [a for a in folder.answers() if (a.case, a.arm) != ("c29", "tuned")]
    write_lines(folder.answers_file, [*kept, Answer("domain", "c29", "tuned", text=bad)])
    verdict.rule(workspace, 1, suite.name, suite.cases[0].id, "acceptable", bad)
    verdict.waive(workspace, 1, "capability", bad, "2999-01-01")
    verdict.sign(workspace, curated, 1, bad, bad)
    for ending in ENDINGS:
        text = written(workspace, curated, tmp_path / f"r{ending}")
        assert not [c for c in text if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160]
        assert not set(text) & set("\u202e\u202a\u2066\u200b\ufeff")
        if ending != ".json":
            assert not re.search(r"(?<!\\)<(script|svg onload)", text)
    page = Page((tmp_path / "r.html").read_text(encoding="utf-8"))
    assert page.open == []
    assert page.tags.isdisjoint({"script", "b"})
    assert "<script>alert(1)</script>" in page.text
    assert Xml.fromstring((tmp_path / "r.xml").read_text(encoding="utf-8")).tag == "testsuites"
    found = msgspec.json.decode((tmp_path / "r.json").read_bytes(), type=Contents)
    assert found.waivers[0].reason == bad.strip()


def test_a_run_that_has_not_begun_has_a_report_all_the_same(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    answered_run(workspace, curated, {})
    for ending in ENDINGS:
        assert written(workspace, curated, tmp_path / f"r{ending}")
    assert Page((tmp_path / "r.html").read_text(encoding="utf-8")).open == []


def test_another_ending_is_refused_before_the_sealed_set_is_opened(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    full_run(workspace, curated)
    with pytest.raises(InputError, match=r"\.pdf"):
        written(workspace, curated, tmp_path / "r.pdf")
    session = sessions.get(workspace.store, curated)
    assert sessions.looks(workspace.store, session.id) == 0


def test_a_report_counts_as_one_look_however_often_it_is_written(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    full_run(workspace, curated)
    for ending in ENDINGS:
        written(workspace, curated, tmp_path / f"r{ending}")
    session = sessions.get(workspace.store, curated)
    assert sessions.looks(workspace.store, session.id) == 1
