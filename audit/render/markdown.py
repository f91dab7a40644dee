"""report.md: the short form, for a ticket or a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from audit.model import Report
from audit.render import finding_tree, formatting
from audit.render.finding_view import FindingView
from audit.render.provenance_section import NO_CARD
from audit.render.report_view import ReportView

FINDINGS = 30
DETAILS = 4  # named under a finding
SPECIAL = re.compile(r"([\\`*_{}\[\]#|~$!^:@])")
START = re.compile(r"^([-+](?=\s|-|$)|=(?==*$)|\d+[.)](?=\s|$))")


def literal(text: str) -> str:
    """The text so that Markdown shows it as it is: no link, picture, tag, list or table in it."""
    text = " ".join(formatting.visible_text(text).split())
    text = SPECIAL.sub(r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
    text = re.sub(r"(?i)\bwww\.", lambda found: found.group()[:-1] + r"\.", text)
    return START.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", text)


def to_markdown(report: Report | ReportView) -> str:
    """The verdict, its reasons, the families, the worst findings and what could not be told."""
    view = ReportView.of(report)
    parts = [
        _verdict(view),
        _list("Why", [_reason(one) for one in view.reasons]),
        _list("What to do next", [literal(step) for step in view.next_steps]),
        _families(view.report),
        _findings(view),
        _groups(view),
        _not_assessed(view.report),
        _came_from(view),
        _origin(view.report),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _verdict(view: ReportView) -> str:
    report = view.report
    grade = report.verdict.grade
    mark = f"{formatting.grade_icon(grade)} {formatting.grade_word(grade)}"
    tables = [
        f"{role} {literal(formatting.shorten(table.name, 80))} ({formatting.count(table.rows)} × {formatting.count(table.columns)})"
        for role, table in report.tables.items()
        if table
    ]
    if view.is_series:
        tables[1] = f"synthetic {literal(view.tables_line)}"
    answer = literal(view.headline)
    rule = literal(report.verdict.rule)
    return f"# {mark}: synthetic data audit\n\n**{answer}**\n\n{rule}\n\nTables: {', '.join(tables)}."


def _reason(view: FindingView) -> str:
    word = formatting.grade_word(view.finding.grade)
    number = f": {view.estimate}; {view.reference}" if view.number else ""
    return f"{literal(view.sentence)} ({word}{number})"


def _families(report: Report) -> str:
    rows = [
        (
            formatting.family_word(family),
            f"{formatting.grade_icon(state.grade)} {formatting.grade_word(state.grade)}",
            str(state.checks),
            str(state.not_assessed),
        )
        for family, state in report.families.items()
    ]
    return _table("Families", ("Family", "Grade", "Checks", "Not assessed"), rows)


def _findings(view: ReportView) -> str:
    rows = [
        (
            f"{formatting.grade_icon(one.finding.grade)} {formatting.grade_word(one.finding.grade)}",
            literal(one.sentence) + _details(view.details(one.finding)),
            one.estimate,
            one.reference,
        )
        for one in view.findings[:FINDINGS]
    ]
    left = len(view.findings) - len(rows)
    more = f" {formatting.count(left)} more stand in findings.csv." if left > 0 else ""
    table = _table("Findings", ("Grade", "Finding", "Number", "Baseline"), rows)
    return f"{table}\n\n{view.findings_counted}.{more}" if rows else ""


def _groups(view: ReportView) -> str:
    """Three questions about groups, what is inherited and added, and what weights would mend."""
    section = view.people
    if section is None:
        return ""
    items = []
    for answer in section.answers:
        said = " ".join(answer.sentences) or answer.reason or "No group is off beyond its tolerance."
        items.append(f"**{literal(answer.question)}** {formatting.grade_word(answer.grade)}. {literal(said)}")
    items += [literal(text) for text in (*section.inherited, *section.small, *section.gains)]
    return _list("Groups of people", items)


def _details(details: Sequence[FindingView]) -> str:
    """What follows from a finding, named by its columns."""
    if not details:
        return ""
    about = dict.fromkeys(" × ".join(one.finding.about) or one.title for one in details)
    named = ", ".join(literal(formatting.shorten(name, 60)) for name in list(about)[:DETAILS])
    more = f" and {formatting.count(len(about) - DETAILS)} more" if len(about) > DETAILS else ""
    return f" ({finding_tree.follow_text(len(details))} it: {named}{more})"


def _not_assessed(report: Report) -> str:
    items = [
        f"{literal(one.check)}: {literal(one.why)} {literal(one.what_would_allow_it)}".rstrip()
        for one in report.not_assessed
    ]
    return _list("What could not be told", items)


def _came_from(view: ReportView) -> str:
    """The promise about the holdout, what the generator card says and what it leaves out."""
    origin = view.origin
    items = [origin.commitment, origin.unchanged, *origin.lineage]
    items += [f"{label}: {formatting.shorten(text, 200)}" for label, text in origin.stated or ()]
    items.append(NO_CARD if origin.stated is None else origin.gap_sentence)
    return _list("Where the data come from", [literal(item) for item in items if item])


def _origin(report: Report) -> str:
    return (
        f"Purpose {literal(report.purpose)}; policy {literal(report.policy.name)}; seed {report.seed}; "
        f"report {literal(report.id)}, {literal(report.made_at)}."
    )


def _list(title: str, items: Iterable[str]) -> str:
    lines = "\n".join(f"- {item}" for item in items)
    return f"## {title}\n\n{lines}" if lines else ""


def _table(title: str, headers: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    head = f"| {' | '.join(headers)} |\n|{' --- |' * len(headers)}"
    return f"## {title}\n\n{head}\n{lines}" if lines else ""
