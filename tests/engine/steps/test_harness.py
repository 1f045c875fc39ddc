"""The bridge to lm-evaluation-harness, on a program that writes what lm_eval 0.4.13 wrote.

The recorded lines are those of real runs on two small tasks; the program keeps what it was asked.
"""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.errors import InputError, RunError, StateError
from engine.records import Answer
from engine.runs.folder import RunFolder
from engine.steps import compare, curate, harness, imported, intake, train, verdict
from engine.steps import scope as scope_step
from engine.steps.lm_eval import How, precision
from engine.store import sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import case_file, chat_file, small_scope

PROGRAM = """#!{python}
import json, pathlib, sys
here, words = pathlib.Path(__file__).parent, sys.argv[1:]
with (here / "asked.jsonl").open("a") as out:
    out.write(json.dumps(words) + "\\n")
given = dict(zip(words, words[1:]))
if (here / "broken").exists():
    print("Traceback (most recent call last):\\nValueError: no such dataset", file=sys.stderr)
    raise SystemExit(1)
arm = "tuned" if "peft=" in given.get("--model_args", "") else "base"
into = pathlib.Path(given["--output_path"]) / "model"
into.mkdir(parents=True)
time = "2026-11-23T05-48-40.305306"
for task in given["--tasks"].split(","):
    lines = (here / f"{{arm}}-{{task}}.jsonl").read_text()
    (into / f"samples_{{task}}_{{time}}.jsonl").write_text(lines)
(into / f"results_{{time}}.json").write_text((here / "results.json").read_text())
"""


def sums_line(n: int, right: bool, kept: str) -> dict[str, Any]:
    """A generated answer, as the task shop_sums recorded it: two filters, one metric."""
    said = str(2 * n) if right else "five"
    return {
        "doc_id": n,
        "doc": {"question": f"What is {n} + {n}?", "answer": str(2 * n)},
        "target": str(2 * n),
        "arguments": {
            "gen_args_0": {
                "arg_0": f"Question: What is {n} + {n}?\nAnswer:",
                "arg_1": {"until": ["\n"], "do_sample": False, "max_gen_toks": 12},
            }
        },
        "resps": [[f" {said}"]],
        "filtered_resps": [said],
        "filter": kept,
        "metrics": ["exact_match"],
        "doc_hash": f"781517{n}",
        "prompt_hash": f"0c4106{n}",
        "target_hash": f"d4735e{n}",
        "exact_match": float(right and kept == "strict"),
    }


def colour_line(n: int, right: bool) -> dict[str, Any]:
    """A choice by likelihood, as the task shop_colours recorded it."""
    likely = [["-6.2", "False"], ["-5.6", "False"], ["-7.7", "False"]]
    asked = f"Question: Which colour is thing {n}?\nAnswer:"
    return {
        "doc_id": n,
        "doc": {"question": f"Which colour is thing {n}?", "choices": [], "answer": 1},
        "target": "1",
        "arguments": {
            f"gen_args_{i}": {"arg_0": asked, "arg_1": f" {colour}"}
            for i, colour in enumerate(("red", "blue", "green"))
        },
        "resps": [[pair] for pair in (likely if right else likely[::-1][1:] + likely[:1])],
        "filtered_resps": likely,
        "filter": "none",
        "metrics": ["acc", "acc_norm", "bleu"],
        "doc_hash": f"edfe99{n}",
        "prompt_hash": f"489f72{n}",
        "target_hash": "6b86b273",
        "acc": float(right),
        "acc_norm": float(right),
        "bleu": 0.37,
    }


RESULTS = {
    "results": {"shop_sums": {"alias": "shop_sums", "exact_match,strict": 0.75}},
    "versions": {"shop_sums": 2.0, "shop_colours": 1.0},
    "lm_eval_version": "0.4.13",
}


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A stand-in for lm_eval; base is right on all but one case, tuned on one less."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for arm, wrong in (("base", (3,)), ("tuned", (1, 3))):
        sums = [
            sums_line(n, n not in wrong, kept) for n in range(4) for kept in ("strict", "loose")
        ]
        colours = [colour_line(n, n not in wrong) for n in range(4)]
        for task, lines in (("shop_sums", sums), ("shop_colours", colours)):
            text = "".join(json.dumps(line) + "\n" for line in lines)
            (folder / f"{arm}-{task}.jsonl").write_text(text)
    (folder / "results.json").write_text(json.dumps(RESULTS))
    made = folder / "lm_eval"
    made.write_text(PROGRAM.format(python=sys.executable))
    made.chmod(0o755)
    return made


def asked_of(program: Path) -> list[list[str]]:
    """What the program was asked, a command line each."""
    return [json.loads(line) for line in (program.parent / "asked.jsonl").read_text().splitlines()]


def trained(workspace: Workspace, tmp_path: Path, *suites: str) -> RunFolder:
    """A run whose scope names suites, with an adapter's folder; nothing was answered."""
    scope = msgspec.structs.replace(small_scope(), suites=suites)
    slug = sessions.create(workspace.store, scope).slug
    intake.import_file(workspace, slug, chat_file(tmp_path / "chats.jsonl"))
    intake.import_file(workspace, slug, case_file(tmp_path / "h.jsonl"), held_out=True)
    curate.accept(workspace, slug, curate.order_queue(workspace, slug))
    curate.split(workspace, slug)
    scope_step.freeze(workspace, slug)
    return again(workspace, slug)


def again(workspace: Workspace, slug: str) -> RunFolder:
    folder = train.prepare(workspace, slug, train.plan(workspace, slug).recipe)
    folder.adapter.mkdir()
    return folder


def test_a_task_becomes_a_suite_that_its_metric_judges(workspace: Workspace, program: Path) -> None:
    how = How(str(program), Path("own-tasks"))
    done = harness.take_tasks(workspace, ["shop_sums", "shop_colours"], how, limit=4)
    assert (done.suites, done.cases, done.version) == (
        ("shop_colours", "shop_sums"),
        (4, 4),
        "0.4.13",
    )
    (words,) = asked_of(program)
    assert words[:8] == [
        *("--model", "dummy"),
        *("--tasks", "shop_sums,shop_colours"),
        *("--include_path", "own-tasks"),
        *("--limit", "4"),
    ]
    from engine.steps.suites import named_suites

    colours, sums = named_suites(workspace, done.suites)
    assert (sums.gate, sums.version, sums.chance) == (
        "capability",
        "lm-eval 0.4.13, task 2.0",
        0.0,
    )
    assert colours.chance == pytest.approx(1 / 3, abs=1e-4)
    assert colours.cases[0].reference == "blue"
    assert sums.cases[2].messages[-1].content == "Question: What is 2 + 2?\nAnswer:"
    assert json.loads(str(sums.cases[0].assertions[0].value)) == {
        "task": "shop_sums",
        "metric": "exact_match",
        "filter": "strict",
        "fewshot": None,
        "chat": False,
    }


def test_both_arms_answer_with_the_same_model_and_the_gate_uses_it(
    workspace: Workspace, program: Path, tmp_path: Path
) -> None:
    how = How(str(program))
    harness.take_tasks(workspace, ["shop_sums", "shop_colours"], how)
    folder = trained(workspace, tmp_path, "shop_sums", "shop_colours")
    slug = folder.job().session
    open_ones = verdict.reach(workspace, slug)
    assert any("strop suite run" in warning for warning in open_ones.warnings)
    done = harness.run_suites(workspace, slug, None, how)
    assert [(one.suite, one.arm, one.taken) for one in done] == [
        (suite, arm, 4) for suite in ("shop_sums", "shop_colours") for arm in ("base", "tuned")
    ]
    base, tuned = (dict(pairwise(words)) for words in asked_of(program)[1:3])
    plain = f"pretrained={folder.job().model},dtype={precision(folder.job())}"
    assert base["--model_args"] == plain
    assert tuned["--model_args"] == f"{plain},peft={folder.adapter}"
    same = ("--model", "--device", "--batch_size", "--tasks", "--limit")
    assert [base[name] for name in same] == [tuned[name] for name in same]
    reached = verdict.reach(workspace, slug)
    capability = reached.verdict.gates[1]
    assert [(part.suite, part.n, part.b, part.c) for part in capability.parts] == [
        ("shop_sums", 4, 1, 0),
        ("shop_colours", 4, 1, 0),
    ]
    assert not any("strop suite run" in warning for warning in reached.warnings)
    (broken,) = [r for r in compare.compare(workspace, 1).rows if r.flip == "broken"][:1]
    assert broken.tuned is not None
    assert broken.tuned_judged is not None
    assert broken.tuned.text.strip() == "five"
    assert broken.tuned_judged.reason == "exact_match of lm-evaluation-harness is 0"


def test_what_is_answered_is_not_asked_again_and_base_is_known_to_the_next_run(
    workspace: Workspace, program: Path, tmp_path: Path
) -> None:
    how = How(str(program))
    harness.take_tasks(workspace, ["shop_sums"], how)
    slug = trained(workspace, tmp_path, "shop_sums").job().session
    harness.run_suites(workspace, slug, None, how)
    asked = len(asked_of(program))
    assert [one.known for one in harness.run_suites(workspace, slug, None, how)] == [4, 4]
    assert len(asked_of(program)) == asked
    again(workspace, slug)
    assert [one.known for one in harness.run_suites(workspace, slug, None, how)] == [4, 0]


def test_another_version_or_another_document_is_not_paired(
    workspace: Workspace, program: Path, tmp_path: Path
) -> None:
    how = How(str(program))
    harness.take_tasks(workspace, ["shop_sums"], how)
    slug = trained(workspace, tmp_path, "shop_sums").job().session
    lines = (program.parent / "base-shop_sums.jsonl").read_text()
    (program.parent / "base-shop_sums.jsonl").write_text(lines.replace("7815172", "999"))
    base = harness.run_suites(workspace, slug, None, how)[0]
    assert (base.taken, base.left) == (3, ("document 2 is another than the one that was frozen",))
    newer = json.dumps(RESULTS | {"lm_eval_version": "0.5.0"})
    (program.parent / "results.json").write_text(newer)
    with pytest.raises(RunError, match=r"made with lm-eval 0\.4\.13, task 2\.0, this is lm-eval 0"):
        harness.run_suites(workspace, slug, None, how)


def test_a_base_held_in_four_bits_is_not_answered_for_by_other_weights(
    workspace: Workspace, program: Path, tmp_path: Path
) -> None:
    how = How(str(program))
    harness.take_tasks(workspace, ["shop_sums"], how)
    folder = trained(workspace, tmp_path, "shop_sums")
    recipe = msgspec.structs.replace(folder.job().recipe, quantization="nf4")
    job = msgspec.structs.replace(folder.job(), recipe=recipe)
    folder.job_file.write_bytes(msgspec.json.encode(job))
    with pytest.raises(InputError, match="holds its base in nf4"):
        harness.run_suites(workspace, job.session, None, how)


def test_a_metric_between_0_and_1_decides_nothing(
    workspace: Workspace, program: Path, tmp_path: Path
) -> None:
    how = How(str(program))
    with pytest.raises(InputError, match="no metric f1"):
        harness.take_tasks(workspace, ["shop_colours"], how, metric="f1")
    harness.take_tasks(workspace, ["shop_colours"], how, metric="bleu")
    slug = trained(workspace, tmp_path, "shop_colours").job().session
    base = harness.run_suites(workspace, slug, None, how)[0]
    assert base.taken == 0
    assert base.left[0].startswith("bleu gives 0.37: a gate needs a metric that is 0 or 1")


def test_without_the_program_or_when_it_fails_one_sentence_says_so(
    workspace: Workspace, program: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"^no-such-lm_eval is not installed here\."):
        harness.take_tasks(workspace, ["shop_sums"], How("no-such-lm_eval"))
    (program.parent / "broken").touch()
    with pytest.raises(RunError, match=r"lm_eval ended with 1: ValueError: no such dataset"):
        harness.take_tasks(workspace, ["shop_sums"], How(str(program)))
    slug = trained(workspace, tmp_path).job().session
    with pytest.raises(StateError, match="has no suite made of a task"):
        harness.run_suites(workspace, slug, None, How(str(program)))


def test_samples_made_elsewhere_stand_in_for_an_arm_and_averages_do_not(
    workspace: Workspace, program: Path, tmp_path: Path
) -> None:
    harness.take_tasks(workspace, ["shop_sums"], How(str(program)))
    slug = trained(workspace, tmp_path, "shop_sums").job().session
    samples = tmp_path / "samples_shop_sums_2026-11-23T05-48-40.305306.jsonl"
    samples.write_text((program.parent / "tuned-shop_sums.jsonl").read_text())
    done = imported.import_answers(workspace, slug, None, "server", samples)
    assert (done.rows, done.taken, len(done.left)) == (8, 4, 4)
    assert done.left[0].reason == "is filter loose, the suite counts strict"
    kept = [a for a in compare.answers_of(workspace, done.run) if isinstance(a, Answer)]
    assert [next(iter(a.own.values())).passed for a in kept] == [True, False, True, False]
    results = tmp_path / "results_2026-11-23T05-48-40.305306.json"
    results.write_text(json.dumps(RESULTS, indent=2))
    with pytest.raises(InputError, match=r"holds averages \(shop_sums exact_match,strict 0\.75\)"):
        imported.import_answers(workspace, slug, None, "server", results)
