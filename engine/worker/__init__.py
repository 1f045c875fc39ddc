"""`python -m engine.worker RUN_DIR`: the only room that imports torch, transformers and peft."""
