"""New audit: the files, what their columns hold, the purpose, and go."""

from __future__ import annotations

import streamlit as st

from audit.options import PURPOSES
from pages.parts import estimands, group_form, launch, look, rule_form, samples, schema_editor, upload
from pages.parts.frame import open_page
from pages.parts.purpose import PURPOSE_HELP, PURPOSE_WORDS

open_page()
st.title("New audit", anchor=False)
with st.expander("Just looking? One click audits the sample data."):
    samples.draw("setup")

st.subheader("1 · Your files", anchor=False)
uploads = upload.draw()
if "real" not in uploads or "synthetic" not in uploads:
    st.caption("The next steps open when a real and a synthetic table are here.")
    st.stop()

looked = look.at(uploads)
look.draw_messages(looked)
if looked.get("status") == "rejected":
    st.stop()
launch.draw_files(looked)

st.subheader("2 · What the columns hold", anchor=False)
st.caption(
    "This was read from the real table. Change what is wrong: name the target (what is predicted) and the sensitive "
    "columns (groups to protect), mark identifiers, ignore what should not be compared."
)
columns = looked.get("columns", [])
overrides = schema_editor.draw(columns, launch.key_of(uploads), looked.get("candidates", []))

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
declared = estimands.draw(launch.key_of(uploads), names)
grouped = group_form.draw(columns, overrides, launch.key_of(uploads))
with st.expander("Advanced: rules to apply or to switch off"):
    rules = rule_form.read_file(f"setup_rules_{launch.key_of(uploads)}", names)
    if rules:
        st.caption(f"{len(rules)} rules read. Rules that the real table teaches are found without a file.")

st.subheader("4 · Run", anchor=False)
launch.draw_button(uploads, columns, overrides, purpose, looked, declared, rules, grouped)
