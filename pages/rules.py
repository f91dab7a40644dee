"""Rules: what real rows keep, how often synthetic rows break it, and what to apply next time."""

from __future__ import annotations

import streamlit as st

from audit.declare.rules import Rule, plain_rules, rule_from_plain, write_rules
from pages.parts.base import url_state
from pages.parts.base.router import OVERVIEW
from pages.parts.frame.frame import open_report
from pages.parts.runs import rerun
from pages.parts.runs.states import draw_nothing
from pages.parts.sections import rule_table
from pages.parts.setup import rule_form
from pages.parts.widgets import download, rows

_ADDED = "_added_rules"

shown = open_report()
report, run = shown.report, shown.run
st.title("Rules", anchor=False)
st.markdown(
    "What every real row, or nearly every one, keeps. The rules were learned from the real table; add your own, switch "
    "off what is not meant, and audit again."
)
known = rule_table.of_report(report)
columns = [column.name for column in report.columns]
added: dict[str, list[dict[str, object]]] = st.session_state.get(_ADDED, {})
given: tuple[Rule, ...] = tuple(rule_from_plain(plain, "the rule") for plain in added.get(run.id, []))

with st.expander("Add a rule or a file of rules", icon=":material/add:"):
    by_form, by_file = st.columns([3, 2], gap="large")
    with by_file:
        from_file = rule_form.read_file(f"rules_file_{run.id}", columns) or ()
    with by_form:
        new = rule_form.ask_rule("rule", columns)
    if new is not None:
        given = (*given, new)
        st.session_state[_ADDED] = {**added, run.id: plain_rules(given)["rules"]}

listed = rule_table.with_given(known, (*from_file, *given))
if not listed:
    draw_nothing(
        "No rule was found.", "No check on rules ran, or the real table keeps none. You can add your own."
    )
    st.stop()
broken = sum(1 for one in known if one.broken_rows and one.rule.enabled)
st.caption(
    f"{len(listed)} rules, worst first; {broken} of {len(known)} counted ones are broken by a synthetic row."
)
marks = "-".join(one.rule.id for one in listed if one.judged is None)
rules = rule_table.edit(listed, f"rules_{run.id}_{marks}_{len(from_file)}")
changed = [rule for rule, one in zip(rules, listed, strict=True) if one.judged is None or rule != one.rule]

files = rerun.files_of(report)
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    if (
        st.button(
            "Audit again with these rules",
            type="primary",
            icon=":material/restart_alt:",
            key="audit_again",
            disabled=files is None,
        )
        and files is not None
        and (run_id := rerun.start(run, files, rule_table.to_send(rules)))
    ):
        st.switch_page(OVERVIEW, query_params={url_state.RUN: run_id})
    download.draw("Download rules (TOML)", write_rules(rules), f"rules-{run.id}.toml", "rules")
    rows.draw_download(run, report)
if files is None:
    st.caption(rerun.GONE)
elif changed:
    st.caption(f"{len(changed)} changed since this audit; the numbers above are those of before.")
