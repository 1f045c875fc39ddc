"""Rows through a real chat template, without torch: what is cut, what trains nothing."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from engine.check_settings import Checks, Template
from engine.curation.run import run_checks
from engine.records import Example, Finding, Message, NumberedExample
from engine.scope import Scope
from tests.engine.curation.rows import row
from tests.engine.worker.conftest import TEMPLATE, build_tokenizer

SHORT = row(1, "may you return shoes", "within days")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    build_tokenizer().save_pretrained(folder)
    return folder


def with_template(folder: Path, template: str) -> Path:
    tokenizer = build_tokenizer()
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    return folder


def found(model: Path | str, *rows: NumberedExample, **settings: int) -> list[Finding]:
    template = Template(model=str(model))
    checks = Checks(template=msgspec.structs.replace(template, **settings))
    return run_checks(rows, [], Scope("x", system_prompt="our terms", checks=checks), ["template"])


def test_rows_that_train_as_they_should_are_left_alone(model: Path) -> None:
    assert found(model, SHORT, row(2, "and worn", "if the box is kept")) == []


def test_an_answer_that_the_length_limit_cuts_is_blocked_with_the_real_count(model: Path) -> None:
    nothing_left, cut = found(model, SHORT, max_length=20)
    assert nothing_left.detail == "no token is trained"
    assert (cut.severity, cut.examples) == ("block", (1,))
    tokens = int(cut.detail.split(": ")[1].split()[0])
    assert cut.detail == f"cut by {tokens - 20} tokens: {tokens} in all, 20 allowed"
    assert found(model, SHORT, max_length=tokens) == []
    assert [f.examples for f in found(model, SHORT, max_length=tokens - 1)] == [(1,)]


def test_a_row_of_which_no_token_is_trained_is_blocked(model: Path) -> None:
    asked = NumberedExample(4, Example((Message("user", "may you return"),)))
    details = {f.detail for f in found(model, SHORT, asked) if f.examples == (4,)}
    assert "no token is trained" in details


def test_an_end_token_that_the_template_never_writes_is_said_once_for_all_rows(
    tmp_path: Path,
) -> None:
    endless = with_template(tmp_path, TEMPLATE.replace("<|im_end|>", "|"))
    (finding,) = found(endless, SHORT, row(2, "and worn", "if the box is kept"))
    assert (finding.severity, finding.examples) == ("block", ())
    assert "end token" in finding.detail


def test_two_start_tokens_are_found(tmp_path: Path) -> None:
    double = with_template(tmp_path, "<|im_start|>" + TEMPLATE)
    assert [f.detail for f in found(double, SHORT)] == ["two start tokens in any row"]


def test_a_template_that_refuses_some_turns_blocks_the_rows_that_have_them(tmp_path: Path) -> None:
    refusing = with_template(
        tmp_path,
        "{% for m in messages %}{% if m.role == 'tool' %}"
        "{{ raise_exception('no tools here') }}{% endif %}{% endfor %}" + TEMPLATE,
    )
    tool = NumberedExample(
        3,
        Example((Message("user", "may you"), Message("tool", "{}"), Message("assistant", "days"))),
    )
    (finding,) = found(refusing, SHORT, tool)
    assert finding.examples == (3,)
    assert "no tools here" in finding.detail


def test_a_model_that_is_not_here_is_said_and_blocks_nothing() -> None:
    (finding,) = found("owner/not-here", SHORT)
    assert (finding.severity, finding.examples) == ("warn", ())
    assert "owner/not-here is not on this machine" in finding.detail
