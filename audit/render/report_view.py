"""A report as every telling reads it: HTML, Markdown, the terminal, notebooks and the pages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from audit.model import Card, Family, Finding, JudgedResult, Report, Status
from audit.render import drift_section, finding_tree, formatting, series_section, suspicious_rows
from audit.render.check_view import CheckView, UseView, check_views, use_views
from audit.render.columns_section import ColumnView, column_views
from audit.render.evidence import MANY, numbers_about
from audit.render.finding_view import FindingView
from audit.render.groups_section import GroupSection, group_section
from audit.render.number import Number
from audit.render.pictures import Pictures, hang
from audit.render.provenance_section import TOLD_APART, ProvenanceView, provenance_view

STEPS = 3


class ReportView:
    """Everything that a telling says of a report, built once and each part only when first asked for.

    Parts are in the order in which they are told, worst first, and whole; how many of them there is
    room for is the telling's. Nothing here measures or grades.
    """

    def __init__(self, report: Report) -> None:
        self.report = report

    @classmethod
    def of(cls, report: Report | ReportView) -> ReportView:
        """The view of a report; a view stays what it is."""
        return report if isinstance(report, ReportView) else cls(report)

    # What the checks gave.

    @cached_property
    def results(self) -> Mapping[str, JudgedResult]:
        """What every check gave, by its id, in the order of the report."""
        return {one.result.card.id: one for one in self.report.results}

    def result_if_ran(self, check: str) -> JudgedResult | None:
        """What a check gave, where it ran."""
        found = self.results.get(check)
        return found if found is not None and found.result.status is Status.RAN else None

    def card(self, check: str) -> Card | None:
        """The card of a check; None where a stored report lacks it."""
        found = self.results.get(check)
        return None if found is None else found.result.card

    def title(self, check: str) -> str:
        """The title of a check; its id where a stored report lacks its card."""
        card = self.card(check)
        return check if card is None else card.title

    def of_family(self, family: Family) -> list[JudgedResult]:
        """What the checks of a family gave."""
        return [one for one in self.report.results if one.result.card.family is family]

    # The answer.

    @cached_property
    def headline(self) -> str:
        """The answer in a sentence or two, of one table or of several."""
        return series_section.headline(self.report)

    @cached_property
    def answer(self) -> tuple[str, str]:
        """The answer as a headline and what stands below it."""
        return series_section.head_and_rest(self.report)

    @cached_property
    def reasons(self) -> tuple[FindingView, ...]:
        """The findings that the verdict names, in its order."""
        named = self.report.verdict.reasons
        return tuple(self.by_id[name] for name in named if name in self.by_id)

    @cached_property
    def next_steps(self) -> tuple[str, ...]:
        """What to do next: the steps of the reasons, else of the first findings, each once."""
        steps = (view.finding.next_step for view in self.reasons or self.findings)
        return tuple(dict.fromkeys(step for step in steps if step))[:STEPS]

    # Findings.

    @cached_property
    def by_id(self) -> Mapping[str, FindingView]:
        """Every finding, details included, by its id, most severe first."""
        anchors = {finding.id: f"finding-{at}" for at, finding in enumerate(self._standing, 1)}
        return {
            one.id: FindingView(one, self.card(one.check), anchors.get(one.id, ""))
            for one in self.report.findings
        }

    @cached_property
    def findings(self) -> tuple[FindingView, ...]:
        """Findings that stand on their own: the verdict's reasons, then by severity.

        So the evidence of every reason stands on the page, however many findings there are. What
        follows from another finding stands under it alone.
        """
        return tuple(self.by_id[finding.id] for finding in self._standing)

    @cached_property
    def _standing(self) -> list[Finding]:
        first = {name: at for at, name in enumerate(self.report.verdict.reasons)}
        own = {finding.id for finding in self.roots}
        standing = [one for one in self.report.findings if one.id in own or one.id in first]
        return sorted(standing, key=lambda finding: first.get(finding.id, len(first)))

    @cached_property
    def roots(self) -> tuple[Finding, ...]:
        """The findings that are no detail of another one, most severe first."""
        return tuple(finding_tree.roots(self.report.findings))

    def details(self, finding: Finding) -> tuple[FindingView, ...]:
        """The findings that follow from one of them, most severe first."""
        below = finding_tree.details(self.report.findings, finding)
        return tuple(self.by_id[one.id] for one in below)

    @cached_property
    def findings_counted(self) -> str:
        """How many there are: "12 findings and 98 details that follow from them"."""
        return finding_tree.count_text(self.report.findings)

    # Numbers and checks.

    @cached_property
    def table_numbers(self) -> tuple[Number, ...]:
        """Numbers about the table as a whole."""
        return tuple(numbers_about(self.report, 0))

    @cached_property
    def pairs(self) -> tuple[Number, ...]:
        """Numbers about two columns together."""
        return tuple(numbers_about(self.report, 2))

    @cached_property
    def triples(self) -> tuple[Number, ...]:
        """Numbers about three columns or more together."""
        return tuple(numbers_about(self.report, MANY))

    @cached_property
    def groups(self) -> tuple[Number, ...]:
        """Numbers about groups of people."""
        return tuple(numbers_about(self.report, 0, groups=True))

    @cached_property
    def columns(self) -> tuple[ColumnView, ...]:
        """Every column with its distance and its worst grade."""
        return tuple(column_views(self.report))

    @cached_property
    def checks(self) -> tuple[CheckView, ...]:
        """Every check in words, in the order of the families."""
        return tuple(check_views(self.report))

    @cached_property
    def privacy(self) -> tuple[CheckView, ...]:
        """The checks on privacy."""
        return tuple(check for check in self.checks if check.card.family is Family.PRIVACY)

    @cached_property
    def uses(self) -> tuple[UseView, ...]:
        """What gives synthetic rows away, what models learn from them, how real and diverse they are."""
        return tuple(use_views(self.checks))

    # Sections of their own.

    @cached_property
    def people(self) -> GroupSection | None:
        """Groups of people: three questions, what is inherited, what weights would mend."""
        return group_section(self.report)

    @cached_property
    def opinions(self) -> tuple[drift_section.OpinionView, ...]:
        """Drift of every column in two opinions."""
        return drift_section.opinions(self.report)

    @cached_property
    def drift_told(self) -> tuple[drift_section.DriftView, ...]:
        """What the other checks of drift say."""
        return drift_section.drift_views(self.report)

    @cached_property
    def poisoning(self) -> tuple[CheckView, ...]:
        """The checks on poisoning."""
        return tuple(check for check in self.checks if check.card.family is Family.POISONING)

    @cached_property
    def planted_rows(self) -> suspicious_rows.PlantedView:
        """What they say together, and the rows that may have been planted."""
        return suspicious_rows.planted_view(self.report)

    # A series of tables.

    @cached_property
    def is_series(self) -> bool:
        """Whether the report is about several synthetic tables."""
        return bool(series_section.series_findings(self.report))

    @cached_property
    def in_time(self) -> bool:
        """Whether the tables are generations, each made after the one before, and not settings."""
        return series_section.in_time(self.report)

    @cached_property
    def tables_line(self) -> str:
        """Which synthetic tables a series has, in a few words; "" for one table."""
        return series_section.tables_line(self.report) if self.is_series else ""

    @cached_property
    def tables(self) -> tuple[series_section.SeriesStep, ...]:
        """Every table of a series in numbers."""
        return series_section.series_steps(self.report)

    # Where it comes from.

    @cached_property
    def origin(self) -> ProvenanceView:
        """What is known of where the tables come from."""
        return provenance_view(self.report)

    @cached_property
    def provenance(self) -> tuple[tuple[str, str], ...]:
        """The rest of what was recorded about the audit, as lines of a name and a text."""
        known = self.report.provenance.items()
        return tuple(_lines({name: value for name, value in known if name not in TOLD_APART}))

    @cached_property
    def pictures(self) -> Pictures:
        """Which picture stands where, each once."""
        return hang(self.report, self.findings, self.columns, self.uses)


def _lines(values: Mapping[str, Any], before: str = "") -> Sequence[tuple[str, str]]:
    """Nested plain values as lines of a name and a text."""
    lines: list[tuple[str, str]] = []
    for name in sorted(values):
        value = values[name]
        if isinstance(value, Mapping) and value:
            lines += _lines(value, f"{before}{name} · ")
        else:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
            lines.append((before + name.replace("_", " "), formatting.shorten(text, 400)))
    return lines
