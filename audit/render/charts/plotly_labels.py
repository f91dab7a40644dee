"""Labels of Plotly figures: names and values of tables that stay text."""

from __future__ import annotations

from html import escape

from audit.render.formatting import shorten, visible_text

LABEL = 28  # characters of a label on an axis; the whole text shows on hovering
WHOLE = 300


def literal(text: str, limit: int = WHOLE) -> str:
    """Text that Plotly shows as it is: no markup, no template, no formula."""
    return (
        escape(shorten(visible_text(text), limit), quote=False)
        .replace("%{", "%\u200b{")
        .replace("$", "&#36;")
        or "(empty)"
    )
