"""How people are put into groups: bands of numbers, and a population to compare with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from audit.declare.bands import parse_bands
from audit.errors import AuditError
from audit.model import Kind, Role
from audit.store import Upload
from pages.parts.base.markdown import md_text
from pages.parts.runs import upload


@dataclass(frozen=True, slots=True)
class GroupForm:
    """What was asked for.

    bands : edges by column; population : by role, empty without one
    """

    bands: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    population: Mapping[str, Upload] = field(default_factory=dict)


def draw(
    columns: Sequence[Mapping[str, Any]], overrides: Sequence[Mapping[str, str]], key: str
) -> GroupForm | None:
    """Bands for each sensitive number, and a place for a population; None where bands cannot be read."""
    wrong: list[str] = []
    bands: dict[str, tuple[float, ...]] = {}
    with st.expander("Advanced: bands of ages and other numbers, and a population to compare with"):
        numbers = sensitive_numbers(columns, overrides)
        for name in numbers:
            text = st.text_input(
                f"Bands of {md_text(name, 80)}",
                placeholder="such as 25, 45, 65; empty for round ones",
                key=f"bands_{key}_{name}",
            ).strip()
            if text:
                try:
                    bands[name] = parse_bands(f"{name}={text}")[1]
                except AuditError as error:
                    wrong.append(str(error))
        if not numbers:
            st.caption("Sensitive columns of numbers, such as an age, are put into bands; none is named yet.")
        population = upload.draw_population()
    for said in wrong:
        st.error(md_text(said), icon=":material/error:")
    return None if wrong else GroupForm(bands, population)


def sensitive_numbers(
    columns: Sequence[Mapping[str, Any]], overrides: Sequence[Mapping[str, str]]
) -> list[str]:
    """Names of the columns that are sensitive and hold numbers, once the overrides are made."""
    changed = {one["name"]: one for one in overrides}
    now = [{**column, **changed.get(str(column["name"]), {})} for column in columns]
    return [str(one["name"]) for one in now if one["role"] == Role.SENSITIVE and one["kind"] == Kind.NUMBER]
