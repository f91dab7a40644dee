"""Which pages there are, the menu, and the guard that keeps every page inside the frame.

A page file in a folder named `pages` can be reached before app.py ever ran: on a freshly
started server Streamlit serves a deep link to it directly, without the frame. So the first
thing every page does is to call `inside_frame`, which hands over to app.py when it was
passed by; page and query survive.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages.parts.base import url_state

_PASSED = "_app_ran"


@dataclass(frozen=True, slots=True)
class Place:
    """One page: its file, its name in the menu, its icon, the section, what it is for."""

    file: str
    title: str
    icon: str
    section: str
    help: str

    @property
    def path(self) -> str:
        """The path in the address; the same as Streamlit infers from the file name."""
        return self.file.removeprefix("pages/").removesuffix(".py")


OVERVIEW = "pages/overview.py"
SETUP = "pages/setup.py"
FINDINGS = "pages/findings.py"
COLUMNS = "pages/columns.py"
RELATIONSHIPS = "pages/relationships.py"
SUBGROUPS = "pages/subgroups.py"
ARTIFACTS = "pages/artifacts.py"
RULES = "pages/rules.py"
DRIFT = "pages/drift.py"
UTILITY = "pages/utility.py"
PRIVACY = "pages/privacy.py"
GENERATIONS = "pages/generations.py"
PROVENANCE = "pages/provenance.py"
REPORT = "pages/report.py"
METHOD = "pages/method.py"

PLACES = (
    Place(OVERVIEW, "Overview", "flag", "Audit", "The answer, the rule behind it and the main reasons."),
    Place(SETUP, "New audit", "upload_file", "Audit", "Choose files, confirm what the columns hold, run."),
    Place(FINDINGS, "Findings", "list_alt", "Evidence", "Everything that stands out, worst first."),
    Place(
        COLUMNS, "Columns", "bar_chart", "Evidence", "Each column of the real table beside the synthetic one."
    ),
    Place(RELATIONSHIPS, "Relationships", "grid_on", "Evidence", "Pairs of columns: what goes together."),
    Place(SUBGROUPS, "Subgroups", "groups", "Evidence", "Groups of people: who is missing, who fares worse."),
    Place(
        ARTIFACTS,
        "Artifacts",
        "fingerprint",
        "Evidence",
        "Tells of a generator: lost spikes, broken rules, repeated rows.",
    ),
    Place(
        RULES, "Rules", "rule", "Evidence", "What real rows keep; add rules, switch them off, audit again."
    ),
    Place(
        DRIFT,
        "Drift",
        "moving",
        "Evidence",
        "What has moved: columns in two opinions, the outcome's rule, the calendar, batches, and the best mix.",
    ),
    Place(
        UTILITY,
        "Utility",
        "model_training",
        "Evidence",
        "What gives synthetic rows away, and what models learn from them.",
    ),
    Place(
        GENERATIONS,
        "Generations",
        "sync",
        "Evidence",
        "What is lost when synthetic data train the next generator, and how many of them a loop bears.",
    ),
    Place(PRIVACY, "Privacy", "lock", "Evidence", "Copies, closeness and what they do not prove."),
    Place(
        PROVENANCE,
        "Provenance",
        "history_edu",
        "Take away",
        "What the tables are, where they come from, and what of that can be checked.",
    ),
    Place(REPORT, "Report", "download", "Take away", "The report as a file, and how it was made."),
    Place(METHOD, "Method", "menu_book", "Take away", "What every check measures, and its limits."),
)


def navigation() -> StreamlitPage:
    """Register all pages and return the one that was asked for. Called by app.py and the guard.

    The pages have no icons here: without a page configuration, as in the guard, Streamlit would
    fetch the icon for the browser's tab from another host.
    """
    pages = [
        st.Page(
            place.file,
            title=place.title,
            url_path=place.path,
            default=place.file == OVERVIEW,
            help=place.help,
        )
        for place in PLACES
    ]
    # drawn by `draw_menu`: Streamlit's own menu would drop the run from the address
    return st.navigation(pages, position="hidden")


def draw_menu() -> None:
    """The menu at the side, by section; every link keeps run and purpose."""
    with st.sidebar, st.container(gap="xxsmall"):
        st.markdown("**Synthetic Data Audit**")
        section = ""
        for place in PLACES:
            if place.section != section:
                section = place.section
                st.caption(section)
            icon = f":material/{place.icon}:"
            st.page_link(place.file, icon=icon, query_params=url_state.link_query(), width="stretch")


def frame_is_drawn() -> None:
    """Said by app.py just before it runs a page."""
    st.session_state[_PASSED] = True


def inside_frame() -> None:
    """The guard: hand over to app.py where this page was started without it."""
    if not st.session_state.pop(_PASSED, False):
        navigation()
        st.rerun()
