"""Answers by vLLM. Run by the Python that vLLM is installed in: imports nothing else of strop.

A JSON object a line comes in, one goes out: first how to start, then what to answer. Ends when the
pipe it reads from is closed, so that it never outlives whoever started it.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""That vLLM makes room for."""


def main() -> None:
    """Start, say so, answer until nobody asks any more."""
    # What libraries print goes to the log; the pipe is for answers alone.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    asked: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()
    # In this very process: an engine of its own would live on for a while after it.
    os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"
    try:
        started = asked.get()
        engine = _start(started)
        adapter = _adapter(started)
        import vllm

        _say(out, {"vllm": vllm.__version__})
        while True:
            _say(out, _answer(engine, adapter, asked.get()))
    except Exception as error:  # whatever a library raises is to be read by people
        _say(out, {"error": f"{type(error).__name__}: {error}"})
        raise


def _listen(asked: queue.Queue[dict[str, Any]]) -> None:
    for line in sys.stdin:
        asked.put(json.loads(line))
    os._exit(0)


def _say(out: TextIO, said: dict[str, Any]) -> None:
    out.write(json.dumps(said) + "\n")
    out.flush()


def _start(given: dict[str, Any]) -> Any:
    from vllm import LLM

    lora = {}
    if given["adapter"]:
        rank = json.loads(Path(given["adapter"], "adapter_config.json").read_text("utf-8"))["r"]
        lora = {"enable_lora": True, "max_lora_rank": min(r for r in RANKS if r >= rank)}
    return LLM(
        model=given["model"],
        dtype=given["dtype"],
        seed=0,
        max_model_len=given["longest"],
        # The model's folder may ask for sampling; answers are greedy.
        generation_config="vllm",
        enable_prefix_caching=True,
        skip_tokenizer_init=True,
        disable_log_stats=True,
        **given["room"],
        **lora,
    )


def _adapter(given: dict[str, Any]) -> Any:
    if not given["adapter"]:
        return None
    from vllm.lora.request import LoRARequest

    return LoRARequest("tuned", 1, given["adapter"])


def _answer(engine: Any, adapter: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """Tokens of each answer; of a prompt that is only to be read, its log-probabilities."""
    from vllm import SamplingParams

    reads = bool(asked.get("reads"))
    how = SamplingParams(
        temperature=0.0,
        max_tokens=1 if reads else asked["limit"],
        stop_token_ids=asked.get("ends", []),
        detokenize=False,
        prompt_logprobs=0 if reads else None,
    )
    prompts = [{"prompt_token_ids": ids} for ids in asked["prompts"]]
    worn = None if asked.get("bare") else adapter
    made = engine.generate(prompts, how, lora_request=worn, use_tqdm=False)
    if not reads:
        return {"answers": [list(one.outputs[0].token_ids) for one in made]}
    return {"logs": [_logs(one) for one in made]}


def _logs(read: Any) -> list[float]:
    """Log-probability of each token of a prompt after those before it, from the second on."""
    pairs = zip(read.prompt_token_ids[1:], read.prompt_logprobs[1:], strict=True)
    return [float(known[token].logprob) for token, known in pairs]


if __name__ == "__main__":
    main()
