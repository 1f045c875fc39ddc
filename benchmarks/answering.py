"""Seconds an answer takes: a batch that shares its beginning, against `generate` one by one.

The questions are those of the sample's held-out cases, under a system prompt of 250 tokens of its
policy. The peer is transformers' own `generate` on the same model in the same process, greedy. Both
are asked for the same tokens, and the answers must be the same, word for word.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

from benchmarks.figures import report
from benchmarks.training import MODEL, ROOT

GOAL = 5.0
PROMPT_TOKENS = 250
MOST_TOKENS = 48


def prompts_of(loaded: Any, count: int) -> list[tuple[int, ...]]:
    """Held-out questions under the policy, ready to be answered."""
    from engine.records import Message
    from engine.worker.rows import prompt_ids, with_system

    sample = ROOT / "sample_data" / "awesomeshoes"
    policy = loaded.tokenizer((sample / "policy.md").read_text())["input_ids"]
    system = loaded.tokenizer.decode(policy[:PROMPT_TOKENS])
    lines = (sample / "held_out.jsonl").read_text().splitlines()[:count]
    turns = [[Message(**m) for m in json.loads(line)["messages"]] for line in lines]
    return [prompt_ids(loaded.tokenizer, with_system(one, system)) for one in turns]


def one_by_one(loaded: Any, prompts: list[tuple[int, ...]]) -> list[list[int]]:
    """Tokens of each answer, the end token included."""
    import torch

    made = []
    for prompt in prompts:
        ids = torch.tensor([prompt], device=loaded.device)
        row = loaded.model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=MOST_TOKENS,
            do_sample=False,
            pad_token_id=loaded.pad,
        )
        made.append(row[0, len(prompt) :].tolist())
    return made


def main(arguments: list[str] | None = None) -> None:
    """Answer in both ways, compare, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=64)
    chosen = parser.parse_args([] if arguments is None else arguments)

    from engine.recipe import Recipe
    from engine.worker.generating import generate
    from engine.worker.model import load

    loaded = load(str(MODEL), Recipe(precision="fp32"))
    prompts = prompts_of(loaded, chosen.cases)
    generate(loaded.model, loaded, prompts[:2], 4)
    started, processor = time.perf_counter(), time.process_time()
    ours = generate(loaded.model, loaded, prompts, MOST_TOKENS)
    ours_s, ours_cpu = time.perf_counter() - started, time.process_time() - processor
    started, processor = time.perf_counter(), time.process_time()
    rows = one_by_one(loaded, prompts)
    peer_s, peer_cpu = time.perf_counter() - started, time.process_time() - processor
    texts = [loaded.tokenizer.decode(row, skip_special_tokens=True).strip() for row in rows]
    same = sum(one[0] == other for one, other in zip(ours, texts, strict=True))
    print(f"{same} of {len(prompts)} answers are the same, word for word")
    count = len(prompts)
    report("answering, processor", ours_cpu / count, peer_cpu / count, GOAL, "s an answer")
    report("answering", ours_s / count, peer_s / count, GOAL, "s an answer")


if __name__ == "__main__":
    main(sys.argv[1:])
