"""Method: every check in plain words: what it measures, how to read it, what it cannot show."""

from __future__ import annotations

import streamlit as st

from audit.checks import all_checks
from audit.model import Family
from audit.render import formatting
from pages.parts.base import url_state
from pages.parts.frame.frame import open_page
from pages.parts.runs.states import draw_nothing
from pages.parts.widgets import method_card

open_page()
st.title("Method", anchor=False)
st.markdown(
    "A check measures; a policy judges the number against a tolerance and its noise. A number passes only when its "
    "whole 95% interval is inside the tolerance, and fails only when it is outside beyond chance; between the two, "
    "the answer is “inconclusive”. The verdict is the worst of what the purpose requires, never an average."
)
cards = [check.card for check in all_checks()]
families = [family for family in Family if any(card.family is family for card in cards)]
titles = {card.id: card.title for card in cards}
chosen = url_state.choose_one(
    "Check", "check", list(titles), titles.__getitem__, placeholder=f"All {len(cards)} checks", width=320
)
if not cards:
    draw_nothing("There are no checks.", "This installation is incomplete.")
for family in families:
    own = [card for card in cards if card.family is family and chosen in (None, card.id)]
    if own:
        st.subheader(formatting.family_word(family), anchor=False)
        for card in own:
            method_card.draw(card, expanded=chosen == card.id)
