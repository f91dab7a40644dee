"""New audit: the files, what their columns hold, the purpose, and go."""

from __future__ import annotations

import streamlit as st

from audit.declare.options import ORDERS, PURPOSES
from pages.parts.base import url_state
from pages.parts.frame.frame import open_page
from pages.parts.frame.purpose import PURPOSE_HELP, PURPOSE_WORDS
from pages.parts.runs import samples, upload
from pages.parts.setup import (
    estimands,
    group_form,
    launch,
    loop_form,
    origin_form,
    privacy_form,
    rule_form,
    schema_editor,
    upload_preview,
)

ONE = "one"
WHAT = {
    ONE: "One synthetic table",
    "generations": "Generations of a training loop",
    "settings": "Settings of one generator",
}

open_page()
st.title("New audit", anchor=False)
with st.expander("Just looking? One click audits the sample data."):
    samples.draw("setup")

st.subheader("1 · Your files", anchor=False)
what = url_state.choose_view(
    "What is audited?", "series", [ONE, *ORDERS], lambda one: WHAT[one], label_visibility="collapsed"
)
order = "" if what == ONE else what
uploads = upload.draw(order)
made = [role for role in uploads if role.startswith("synthetic")]
if "real" not in uploads or len(made) < (2 if order else 1):
    needed = "at least two synthetic tables" if order else "a synthetic table"
    st.caption(f"The next steps open when a real and {needed} are here.")
    st.stop()

looked = upload_preview.preview(uploads, order)
upload_preview.draw_messages(looked)
if looked.get("status") == "rejected":
    st.stop()
launch.draw_files(looked)

key = launch.key_of(uploads)
st.subheader("2 · What the columns hold", anchor=False)
st.caption(
    "This was read from the real table. Change what is wrong: name the target (what is predicted) and the sensitive "
    "columns (groups to protect), mark identifiers, ignore what should not be compared."
)
columns = looked.get("columns", [])
overrides = schema_editor.draw(columns, key, looked.get("candidates", []))

st.subheader("3 · What is the synthetic table for?", anchor=False)
purpose = st.radio(
    "Purpose",
    PURPOSES,
    format_func=lambda name: PURPOSE_WORDS[name].capitalize(),
    captions=[PURPOSE_HELP[name] for name in PURPOSES],
    horizontal=True,
    key="setup_purpose",
    label_visibility="collapsed",
    persist_state="session",
)
st.caption("You can change the purpose later; nothing has to be measured again.")

names = [str(column["name"]) for column in columns]
more = {"order": order} if order else {}
if order == ORDERS[0]:
    st.markdown("**How the loop was fed**")
    more |= loop_form.draw_loop([uploads[role].name for role in made], key)
declared = estimands.draw(key, names)
grouped = group_form.draw(columns, overrides, key)
if not order:
    more |= loop_form.draw_more(looked["files"]["synthetic"]["names"], key)
private = privacy_form.draw(columns, overrides, key)
more |= private or {}
with st.expander("Advanced: rules to apply or to switch off"):
    rules = rule_form.read_file(f"setup_rules_{key}", names)
    if rules:
        st.caption(f"{len(rules)} rules read. Rules that the real table teaches are found without a file.")
told = origin_form.draw(key, holdout="holdout" in uploads)
more |= told or {}

st.subheader("4 · Run", anchor=False)
launch.draw_button(
    uploads,
    columns,
    overrides,
    purpose,
    looked,
    declared,
    rules,
    grouped,
    more,
    ready=told is not None and private is not None,
)
