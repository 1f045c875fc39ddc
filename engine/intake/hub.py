"""Datasets of the Hugging Face hub: fetched into its cache when they are named, then read there."""

from __future__ import annotations

from pathlib import Path

from engine.errors import IntakeError

_PATTERNS = ("*.parquet", "*.arrow", "*.jsonl", "*.jsonl.gz", "*.jsonl.zst", "*.csv", "*.json")
_CONVERTED = "refs/convert/parquet"
"""The branch on which the hub keeps a Parquet copy of nearly every dataset."""


def fetch(repository: str, cache: Path | None = None) -> Path:
    """The folder of a dataset `OWNER/NAME` in the cache, brought up to date where there is a net.

    Raises IntakeError when it is not there or cannot be fetched. No code of a dataset ever runs.
    """
    from engine.intake.folders import find_splits

    folder = _snapshot(repository, None, cache)
    if find_splits(folder):
        return folder
    return _snapshot(repository, _CONVERTED, cache)


def _snapshot(repository: str, revision: str | None, cache: Path | None) -> Path:
    from huggingface_hub import errors, snapshot_download
    from huggingface_hub.utils.tqdm import disable_progress_bars

    # A bar of its own would draw over the screen.
    disable_progress_bars()
    try:
        found = snapshot_download(
            repository,
            repo_type="dataset",
            revision=revision,
            cache_dir=cache,
            allow_patterns=list(_PATTERNS),
        )
    except errors.HFValidationError as error:
        raise IntakeError(
            f"hf:{repository} is no name of a dataset.",
            "Write hf:OWNER/NAME or hf:OWNER/NAME:SPLIT.",
        ) from error
    except (errors.GatedRepoError, errors.RepositoryNotFoundError) as error:
        raise IntakeError(
            f"hf:{repository}: there is no such dataset, or it asks for a login.",
            "Check the name; `hf auth login` gives access to private and gated ones.",
        ) from error
    except (errors.HfHubHTTPError, errors.RevisionNotFoundError, OSError, ValueError) as error:
        first = str(error).strip().split("\n")[0][:200]
        raise IntakeError(
            f"hf:{repository} cannot be fetched: {first}",
            "Check the connection, or import files that were fetched elsewhere.",
        ) from error
    return Path(str(found))
