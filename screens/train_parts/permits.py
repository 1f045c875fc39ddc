"""What can be done with a run at this moment, and why not."""

from __future__ import annotations

from engine.runs.standing import stand
from engine.steps.follow import Proposal, Sight
from screens.train_parts.actions import View
from screens.train_parts.samples import by_question
from screens.train_parts.words import RESUMABLE

CONTROLS = frozenset({"train.pause", "train.stop", "train.checkpoint"})


def view_of(sight: Sight) -> View:
    """Which page shows this run."""
    waits = sight.phase in ("ready", "blocked") and sight.preflight is not None
    return "preflight" if waits and sight.job.kind == "train" else "live"


def is_its_turn(action_id: str, view: View, sight: Sight | None) -> bool:
    """Whether an action has a meaning for this run; only asked in the view it belongs to."""
    alive = sight is not None and sight.snapshot.alive
    if action_id == "train.new_run":
        return view == "runs" or not alive
    if action_id in CONTROLS:
        return alive
    if action_id == "train.resume":
        return sight is not None and sight.phase in RESUMABLE and not alive
    if action_id == "train.answers":
        return sight is not None and sight.phase in ("done", "stopped") and not alive
    return True


def why_no_preflight(proposal: Proposal | None) -> str | None:
    """What keeps a plan from its preflight."""
    if proposal is None:
        return "The plan is still being worked out."
    return proposal.blockers[0] if proposal.blockers else None


def why_not_now(action_id: str, sight: Sight | None) -> str | None:
    """What keeps an action on a run from being done, one sentence."""
    if sight is None:
        return "The run is still being read."
    if action_id == "train.start" and sight.phase == "blocked":
        return f"Preflight blocks it: {sight.snapshot.state.message}"
    if action_id == "train.checkpoint" and sight.phase != "training":
        return "Checkpoints are written while it trains."
    if action_id in CONTROLS and sight.asked in ("pause", "stop"):
        return f"It was asked to {sight.asked} already and does so after this step."
    if action_id in ("train.next_prompt", "train.earlier", "train.later"):
        return None if by_question(sight.snapshot.events) else "There is no answer to show yet."
    if action_id == "train.answers" and sight.job.kind != "train":
        return "Only a training run has other arms to answer with."
    return None


def cost_of_stopping(sight: Sight) -> str:
    """What stopping leaves undone and what it keeps, in numbers."""
    done, total = sight.steps
    if sight.phase == "training":
        left = f" {total - done} of {total} steps are left out." if total else ""
        best = _best(sight)
        return f"Training ends at step {done}.{left} {best} No case is answered with it by itself."
    state = sight.snapshot.state
    if state.total:
        return (
            f"{state.step} of {state.total} cases of this phase are answered; they are kept."
            " The others are not."
        )
    return "Nothing has been computed yet that would be lost."


def _best(sight: Sight) -> str:
    best = stand(sight.snapshot.metrics, sight.job.recipe.general_limit).best
    if best is None:
        return "The adapter as it is now is kept."
    return f"The best adapter, step {best.step} (validation {best.validation:.2f}), is kept."
