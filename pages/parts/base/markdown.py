"""The one door for other people's text into arguments that Streamlit reads as Markdown.

Column names, values, file names and every sentence that holds one are untrusted: a name may
be an image that calls a stranger, a link or a formula. `md_text` shows it exactly as it is.
"""

from __future__ import annotations

import re
import string

from audit.render import formatting

JOINER = "\u2060"  # takes no room and no line break, but splits what a reader of text would join
LIMIT = 400
MAX_COLUMNS = 3  # named together; more are counted

_ESCAPED = {ord(mark): f"\\{mark}" for mark in string.punctuation}
_ESCAPED |= {ord(":"): f"\\:{JOINER}", ord("@"): f"\\@{JOINER}"}  # shortcodes, bare links, mail addresses
_WWW = re.compile(r"www", re.IGNORECASE)
_ARROWS = re.compile(r"(?<=[-<>=~])(?=[-<>=])")  # -- and -> would become a dash and an arrow


def md_text(text: object, limit: int = LIMIT) -> str:
    """Markdown that shows a text literally: nothing in it is a link, an image or a format.

    limit : characters shown; the rest becomes an ellipsis
    """
    plain = plain_text(text, limit)
    plain = _ARROWS.sub(JOINER, plain)
    plain = _WWW.sub(lambda found: found[0][0] + JOINER + found[0][1:], plain)
    return plain.translate(_ESCAPED)


def plain_text(text: object, limit: int = LIMIT) -> str:
    """One line of visible characters, for places that show text as it is (tables, charts)."""
    return formatting.shorten(formatting.visible_text(" ".join(str(text).splitlines())), limit)


def md_sentence(text: str, about: tuple[str, ...] = (), limit: int = LIMIT) -> str:
    """A sentence as safe Markdown, with long column names shortened in it."""
    return md_text(formatting.sentence(text, about, limit), limit)


def columns_text(about: tuple[str, ...], limit: int = 60) -> str:
    """The columns a number is about, for tables: "age × income"; the whole table for none."""
    if len(about) > MAX_COLUMNS:
        return f"{len(about)} columns"
    return " × ".join(plain_text(name, limit) for name in about) or "whole table"
