"""The peers of benchmarks.training: programs of their own, in environments of their own.

Each reads what to train from a file, and writes when its steps ended, its losses and its peak
memory to another. Their defaults stay as they are, but for what makes both sides do the same work.
"""

from __future__ import annotations

from dataclasses import dataclass

_CLOCK = """
import json, os, resource, sys, time, warnings
warnings.filterwarnings("ignore")
os.environ["DISABLE_VERSION_CHECK"] = "1"
from transformers import TrainerCallback
given = json.load(open(sys.argv[1]))
marks, processor, losses = [], [], []
class Clock(TrainerCallback):
    def on_step_end(self, *_, **__):
        marks.append(time.perf_counter()); processor.append(time.process_time())
    def on_log(self, args, state, control, logs=None, **_):
        if "loss" in logs: losses.append(logs["loss"])
"""
_SAVE = """
json.dump({"marks": marks, "processor": processor, "losses": losses,
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}, open(sys.argv[2], "w"))
"""
_TRL = """
import tempfile, torch
from datasets import Dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, set_seed
from trl import SFTConfig, SFTTrainer
model = AutoModelForCausalLM.from_pretrained(given["model"], dtype=torch.float32)
set_seed(given["seed"])
model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", r=16, lora_alpha=32,
    lora_dropout=0.0, target_modules="all-linear"))
rows = Dataset.from_list([{"input_ids": r[0], "completion_mask": [int(t) for t in r[1]]}
    for r in given["rows"]])
arguments = SFTConfig(output_dir=tempfile.mkdtemp(), per_device_train_batch_size=given["batch"],
    max_steps=len(rows) // given["batch"], learning_rate=given["rate"], warmup_steps=0,
    lr_scheduler_type="constant_with_warmup", logging_steps=1, save_strategy="no", use_cpu=True,
    report_to=[], disable_tqdm=True, bf16=False, max_length=None, completion_only_loss=True,
    train_sampling_strategy="sequential", gradient_checkpointing=given["checkpointing"])
trainer = SFTTrainer(model=model, args=arguments, train_dataset=rows, callbacks=[Clock()],
    processing_class=AutoTokenizer.from_pretrained(given["model"]))
trainer.train()
"""
_LLAMA_FACTORY = """
import tempfile
from pathlib import Path
from importlib.machinery import ModuleSpec
from types import ModuleType
# Text needs no audio, and torchaudio's wheel fits one build of torch only.
sys.modules["torchaudio"] = ModuleType("torchaudio")
sys.modules["torchaudio"].__spec__ = ModuleSpec("torchaudio", None)
from llamafactory.train.tuner import run_exp
folder = Path(tempfile.mkdtemp())
(folder / "rows.json").write_text(json.dumps(given["chats"]))
(folder / "dataset_info.json").write_text(json.dumps({"rows": {"file_name": "rows.json",
    "formatting": "sharegpt", "columns": {"messages": "messages", "system": "system"},
    "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user",
             "assistant_tag": "assistant", "system_tag": "system"}}}))
run_exp(dict(model_name_or_path=given["model"], stage="sft", do_train=True, finetuning_type="lora",
    lora_rank=16, lora_alpha=32, lora_dropout=0.0, lora_target="all", dataset_dir=str(folder),
    dataset="rows", template="smollm2", cutoff_len=8192, output_dir=str(folder / "out"),
    per_device_train_batch_size=given["batch"], gradient_accumulation_steps=1,
    learning_rate=given["rate"], lr_scheduler_type="constant", warmup_steps=0,
    max_steps=len(given["chats"]) // given["batch"], logging_steps=1, save_strategy="no",
    report_to="none", use_cpu=True, bf16=False, disable_shuffling=True, seed=given["seed"],
    disable_gradient_checkpointing=not given["checkpointing"]), callbacks=[Clock()])
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """A library that trains."""

    requirement: str
    code: str
    shared: tuple[str, ...]
    """Packages that it takes in the very versions that strop runs on."""
    dropped: tuple[str, ...] = ()
    """Packages that it asks for and that text does not need: their wheels fit one torch only."""

    @property
    def program(self) -> str:
        """Its whole program, for `python -c`."""
        return _CLOCK + self.code + _SAVE


PEERS = {
    "trl": Peer(
        "trl",
        _TRL,
        ("torch", "transformers", "peft", "accelerate", "datasets", "tokenizers"),
    ),
    # Its releases name the transformers that they take: an older one than ours.
    "llamafactory": Peer(
        "llamafactory>=0.9.5", _LLAMA_FACTORY, ("torch",), ("torchvision", "torchaudio")
    ),
}
