"""The purposes of an audit in the reader's words."""

from __future__ import annotations

from audit.model import Report
from audit.render import formatting
from pages.parts.base import grade
from pages.parts.base.markdown import md_text

MAX_NAMED = 3  # checks whose grade another purpose changes
PURPOSE_WORDS = {
    "analytics": "analytics",
    "ml_training": "training a model",
    "sharing": "sharing",
    "software_testing": "software testing",
}
PURPOSE_HELP = {
    "analytics": "Counts, averages and relations should come out the same.",
    "ml_training": "A model trained on it should work on real data.",
    "sharing": "Others may see it: nothing about a real person may shine through.",
    "software_testing": "Types, ranges and formats should be right; the rest matters less.",
}


def purpose_change(before: Report, after: Report) -> str:
    """What judging the same numbers for another purpose changes, in one line of Markdown."""
    old, new = (grade.verdict_word(report.verdict.grade) for report in (before, after))
    verdict = f"still {new}" if old == new else f"{new} instead of {old}"
    grades = {one.result.card.id: one.grade for one in before.results}
    changed = [
        f"{one.result.card.title} ({formatting.grade_word(grades[one.result.card.id])} → {formatting.grade_word(one.grade)})"
        for one in after.results
        if one.grade is not grades.get(one.result.card.id, one.grade)
    ]
    more = f" and {len(changed) - MAX_NAMED} more" if len(changed) > MAX_NAMED else ""
    said = f"changed: {', '.join(changed[:MAX_NAMED])}{more}" if changed else "no check is graded differently"
    here, there = (PURPOSE_WORDS.get(one.purpose, one.purpose) for one in (after, before))
    return md_text(f"For {here}, compared with {there}: {verdict}; {said}.", 600)
