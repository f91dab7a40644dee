"""What is known of where the tables come from, on the page where an audit is set up."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from audit.declare.generator_card import missing_fields, parse_card
from audit.declare.options import Options
from audit.errors import AuditError, OptionError
from pages.parts.base.markdown import md_text

MAX_MEGABYTES = {"card": 1, "commitment": 4, "secret": 200}


def draw(key: str, *, holdout: bool) -> dict[str, Any] | None:
    """Places for a generator card, a commitment and a secret word.

    Returns fields of `Options` for what was given, or None where something cannot be used.
    """
    with st.expander("Advanced: where the data come from (generator card, promised holdout)"):
        try:
            form = _read(key)
            _refuse(form, holdout)
        except AuditError as error:
            st.error(md_text(str(error)), icon=":material/error:")
            return None
        if "generator_card" in form:
            missing = missing_fields(form["generator_card"])
            st.caption(f"The card was read. {len(missing)} things are not stated on it.")
        return form


def _read(key: str) -> dict[str, Any]:
    card = _file("Generator card (TOML)", "card", key, "toml", parse_card)
    left, right = st.columns(2)
    with left:
        commitment = _file("Commitment to the holdout (JSON)", "commitment", key, "json", _json)
    with right:
        secret = _file("Its secret (JSON)", "secret", key, "json", _json)
    salt = st.text_input(
        "Secret word for hashes of columns (optional)",
        key=f"origin_salt_{key}",
        type="password",
        help="At least 16 characters. The same word in two audits makes the hashes of their columns comparable.",
    )
    given = {
        "generator_card": card,
        "commitment": commitment,
        "commitment_secret": secret,
        "salt": (salt or "").strip() or None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _file(
    label: str, what: str, key: str, ending: str, read: Callable[[str, str], dict[str, Any]]
) -> dict[str, Any] | None:
    file = st.file_uploader(
        label, type=[ending], key=f"origin_{what}_{key}", max_upload_size=MAX_MEGABYTES[what]
    )
    if file is None:
        return None
    try:
        return read(file.getvalue().decode("utf-8"), file.name)
    except UnicodeDecodeError:
        raise OptionError(f"{file.name!r} is not UTF-8 text.", "Give the file as it was written.") from None


def _json(text: str, name: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        raise OptionError(f"{name!r} is cut off or damaged.", "Give the file as it was written.") from None
    if not isinstance(values, dict):
        raise OptionError(f"{name!r} is not a file of this kind.", "Give the file as it was written.")
    return values


def _refuse(form: Mapping[str, Any], holdout: bool) -> None:
    """What would be refused later, before anything is measured."""
    Options("real", "synthetic", **form)
    if "commitment" in form and not holdout:
        raise OptionError("A commitment is given, but no holdout.", "Hand in the holdout in step 1.")
