"""The colours: honed steel and leather, dark and light, and two for terminals with few or none.

Widgets use textual's own variable names only ($primary, $text-muted, ...). Text keeps a contrast
of 4.5 to 1 or better on background, surface and panel; a test holds every theme to it.
"""

from __future__ import annotations

from textual.theme import Theme

STEEL = Theme(
    name="strop-steel",
    primary="#8fb3c7",
    secondary="#7d93a1",
    accent="#d6a26a",
    success="#9dbd7c",
    warning="#e2b75e",
    error="#e58473",
    foreground="#d9d5cc",
    background="#14181b",
    surface="#23292d",
    panel="#1c2124",
    dark=True,
    variables={
        "text": "#d9d5cc",
        "text-muted": "#98a1a6",
        "text-disabled": "#6f787d",
        "text-primary": "#8fb3c7",
        "text-accent": "#d6a26a",
        "text-success": "#9dbd7c",
        "text-warning": "#e2b75e",
        "text-error": "#e58473",
        "block-cursor-background": "#333d43",
        "block-cursor-foreground": "#f2eee5",
        "block-cursor-text-style": "bold",
        "input-cursor-background": "#d6a26a",
        "input-cursor-foreground": "#14181b",
        "input-selection-background": "#3a4b57",
        "scrollbar": "#3a454c",
        "scrollbar-background": "#1c2124",
        "border": "#8fb3c7",
        "border-blurred": "#3a454c",
    },
)

PAPER = Theme(
    name="strop-paper",
    primary="#28566f",
    secondary="#4b6472",
    accent="#8a4a14",
    success="#3c661e",
    warning="#7c5200",
    error="#a3302a",
    foreground="#23272a",
    background="#f5f2eb",
    surface="#e6e0d3",
    panel="#ece7dc",
    dark=False,
    variables={
        "text": "#23272a",
        "text-muted": "#565c60",
        "text-disabled": "#868b8d",
        "text-primary": "#28566f",
        "text-accent": "#8a4a14",
        "text-success": "#3c661e",
        "text-warning": "#7c5200",
        "text-error": "#a3302a",
        "block-cursor-background": "#c9d6dd",
        "block-cursor-foreground": "#14181b",
        "block-cursor-text-style": "bold",
        "input-cursor-background": "#8a4a14",
        "input-cursor-foreground": "#f5f2eb",
        "input-selection-background": "#c9d6dd",
        "scrollbar": "#bdb6a6",
        "scrollbar-background": "#ece7dc",
        "border": "#28566f",
        "border-blurred": "#bdb6a6",
    },
)

_FEW = {
    "ansi-background": "ansi_default",
    "ansi-foreground": "ansi_default",
    "text-muted": "ansi_default",
    "text-disabled": "ansi_default",
    "foreground-muted": "ansi_default",
    "block-cursor-foreground": "ansi_black",
    "block-cursor-background": "ansi_cyan",
    "block-cursor-text-style": "bold",
    "input-cursor-text-style": "reverse",
    "scrollbar": "ansi_cyan",
    "scrollbar-background": "ansi_default",
    "border": "ansi_cyan",
    "border-blurred": "ansi_default",
}

ANSI = Theme(
    name="strop-ansi",
    ansi=True,
    primary="ansi_cyan",
    secondary="ansi_blue",
    accent="ansi_yellow",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    dark=True,
    variables=_FEW,
)
"""The terminal's own sixteen colours, on its own background, light or dark."""

MONO = Theme(
    name="strop-mono",
    ansi=True,
    primary="ansi_default",
    secondary="ansi_default",
    accent="ansi_default",
    success="ansi_default",
    warning="ansi_default",
    error="ansi_default",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    dark=True,
    variables={
        **_FEW,
        "block-cursor-foreground": "ansi_default",
        "block-cursor-background": "ansi_default",
        "block-cursor-text-style": "bold reverse",
        "scrollbar": "ansi_default",
        "border": "ansi_default",
    },
)
"""No colours at all: bold, reverse, underline and dim carry what signs do not say."""

THEMES = (STEEL, PAPER, ANSI, MONO)
