"""Provenance on the screen: promises kept, broken and never made; cards with their gaps; files handed in."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from audit.declare.commitment import commit
from pages.parts.sections import origin_card
from tests.app.test_fidelity_pages import said
from tests.app.test_pages import open_page
from tests.render.example import build
from tests.render.test_provenance_section import BROKEN, GENERATOR, HASHES, with_origin

PAGE = "pages/provenance.py"


def test_without_anything_it_says_how_to_come_by_it(done: Callable[..., str]) -> None:
    app = open_page(PAGE, done())
    assert not app.exception
    assert "Nothing was committed to before training" in app.info[0].value.replace("\\", "")
    assert "No generator card was given" in app.info[1].value.replace("\\", "")
    assert any("python -m audit commit" in one.value for one in app.code)
    assert [button.proto.label for button in app.get("download_button")] == [
        "Croissant (JSON-LD)",
        "Empty generator card (TOML)",
    ]


@pytest.mark.parametrize("kept", [True, False])
def test_a_promise_is_shown_as_kept_or_broken(kept: bool, done: Callable[..., str]) -> None:
    app = open_page(PAGE, done(with_origin(build(), commitment=BROKEN | {"kept": kept})))
    assert not app.exception
    assert (len(app.success), len(app.error)) == ((1, 0) if kept else (0, 1))
    shown = (app.success if kept else app.error)[0].value.replace("\\", "")
    assert ("is exactly these rows" if kept else "2 committed rows are missing") in shown


def test_a_card_stands_beside_its_gaps_and_names_stay_text(done: Callable[..., str]) -> None:
    app = open_page(PAGE, done(with_origin(build(), generator=GENERATOR, hashes=HASHES)))
    assert not app.exception
    text = said(app)
    assert "2 things are not stated" in text
    assert "the seed, a contact" in text
    assert "census (real, 300 rows); by its hash it is the real table of this audit." in text
    assert "<b>older</b>" not in "".join(one.value for one in app.markdown)
    stated = app.dataframe[2].value
    assert list(stated["Field"][:2]) == ["Method", "Generator's version"]
    hashed = app.dataframe[1].value
    assert list(hashed.iloc[0]) == ["age", origin_card.LEFT_OUT, "0f" * 16]


def form() -> None:
    """The form alone; what it gives is written down."""
    import streamlit as st

    from pages.parts.setup import origin_form

    st.session_state["given"] = origin_form.draw("k", holdout=st.session_state.get("holdout", True))


def test_what_is_handed_in_is_read_or_refused_in_words() -> None:
    commitment, secret = commit(
        np.arange(4, dtype=np.uint64).reshape(2, 2), ["x"], "s" * 64, date(2026, 1, 1)
    )
    files = [json.dumps(one.to_plain()).encode() for one in (commitment, secret)]
    app = AppTest.from_function(form).run()
    assert app.session_state["given"] == {}
    app.file_uploader(key="origin_card_k").upload("card.toml", b'method = "CTGAN"')
    app.run()
    assert app.session_state["given"] == {"generator_card": {"method": "CTGAN"}}
    app.file_uploader(key="origin_commitment_k").upload("c.json", files[0])
    app.run()
    assert "can be checked only with its secret" in app.error[0].value.replace("\\", "")
    app.file_uploader(key="origin_secret_k").upload("s.json", files[1])
    app.run()
    assert set(app.session_state["given"]) == {"generator_card", "commitment", "commitment_secret"}
    app.session_state["holdout"] = False
    app.run()
    assert app.session_state["given"] is None
    app.file_uploader(key="origin_card_k").upload("card.toml", b"colour = 1")
    app.run()
    assert "has 'colour', which does not exist" in app.error[0].value.replace("\\", "")
