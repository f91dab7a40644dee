"""The address of a page is the truth about what it shows: run, purpose, column, filter.

A page reads what it shows from the address and writes every choice into it, so each view is a
link and the browser's way back works. Links carry run and purpose along.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

import streamlit as st

RUN, PURPOSE, TABLE = "run", "purpose", "table"


def run_in_url() -> str:
    """The run id in the address; anything may stand there."""
    return st.query_params.get(RUN, "")


def purpose_in_url() -> str:
    """The purpose in the address; empty for the one the audit was asked for."""
    return st.query_params.get(PURPOSE, "")


def table_in_url() -> str:
    """Which table of a series is looked at alone; empty for all together."""
    return st.query_params.get(TABLE, "")


def link_query(**more: str) -> dict[str, str]:
    """The query of a link to another page: this run, this purpose, this table and what the page should show."""
    here = {name: st.query_params[name] for name in (RUN, PURPOSE, TABLE) if name in st.query_params}
    return here | more


def choice_in_url(name: str, options: Sequence[str]) -> str | None:
    """The choice in the address where it exists, else the first option."""
    here = st.query_params.get(name)
    if here in options:
        return here
    return options[0] if options else None


def choice_count(name: str) -> int:
    """How often this choice was made by other means than clicking a table."""
    return int(st.session_state.get(f"_marks_{name}", 0))


def link() -> str:
    """The address of exactly this view."""
    query = urlencode({name: st.query_params.get_all(name) for name in st.query_params}, doseq=True)
    return f"{st.context.url or ''}".split("?")[0] + (f"?{query}" if query else "")


def choose_one(
    label: str,
    name: str,
    options: Sequence[str],
    format_func: Callable[[str], str],
    placeholder: str | None = None,
    **look: Any,
) -> str | None:
    """A select box whose choice stands in the address; the first option where none is asked for.

    placeholder : where given, nothing is chosen by default and this text says so
    """
    key, here = f"choose_{name}", st.query_params.get(name)
    chosen = here if here in options else None
    st.session_state[key] = chosen if placeholder is not None else choice_in_url(name, options)
    return st.selectbox(
        label,
        options,
        index=None if placeholder is not None else 0,
        placeholder=placeholder,
        format_func=format_func,
        key=key,
        on_change=_write,
        args=(name, key),
        **look,
    )


def choose_some(
    label: str, name: str, options: Sequence[str], format_func: Callable[[str], str]
) -> list[str]:
    """Pills whose choices stand in the address; none chosen means all."""
    key = f"choose_{name}"
    st.session_state[key] = [one for one in st.query_params.get_all(name) if one in options]
    chosen: list[str] = st.pills(
        label,
        options,
        selection_mode="multi",
        format_func=format_func,
        key=key,
        on_change=_write,
        args=(name, key),
    )
    return chosen


def choose_view(
    label: str, name: str, options: Sequence[str], format_func: Callable[[str], str], **look: Any
) -> str:
    """A row of buttons, one of them pressed, whose choice stands in the address; the first by default."""
    key = f"choose_{name}"
    st.session_state[key] = choice_in_url(name, options)
    chosen = st.segmented_control(
        label,
        options,
        required=True,
        format_func=format_func,
        key=key,
        on_change=_write,
        args=(name, key),
        **look,
    )
    return str(chosen or options[0])


def ask_text(label: str, name: str, **look: Any) -> str:
    """A text field whose content stands in the address."""
    key = f"choose_{name}"
    st.session_state[key] = st.query_params.get(name, "")
    return st.text_input(label, key=key, on_change=_write, args=(name, key), **look)


def choose(name: str, value: str | list[str] | None) -> None:
    """A choice made by a button: as if it was chosen from the list."""
    write(name, value)
    st.session_state[f"_marks_{name}"] = choice_count(name) + 1


def turn_on(label: str, name: str, **look: Any) -> bool:
    """A switch whose state stands in the address."""
    key = f"choose_{name}"
    st.session_state[key] = name in st.query_params
    return st.toggle(label, key=key, on_change=_switch, args=(name, key), **look)


def _switch(name: str, key: str) -> None:
    write(name, "on" if st.session_state[key] else None)


def write(name: str, value: str | list[str] | None) -> None:
    """Put a choice into the address, or take it out."""
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def _write(name: str, key: str) -> None:
    choose(name, st.session_state[key])
