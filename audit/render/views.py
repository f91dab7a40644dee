"""A report as the page shows it: what stands where, how many, and in which words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from audit.model import (
    Bars,
    Card,
    Chart,
    Column,
    Family,
    Finding,
    Grade,
    Heatmap,
    Histogram,
    JointShares,
    Judged,
    JudgedResult,
    Report,
)
from audit.render import finding_tree, formatting, series_section, suspicious_rows
from audit.render.drift_section import drift_charts, drift_told, opinions
from audit.render.evidence import (
    MANY,
    ORDER,
    Gallery,
    badness,
    cards,
    column_charts,
    column_distances,
    column_numbers,
    in_turn,
    is_rule,
    numbers_about,
    overview_charts,
    tolerances,
)
from audit.render.groups_section import group_section
from audit.render.provenance_section import TOLD_APART, origin_of

REASONS = 5
STEPS = 3
FINDINGS = 12  # with a picture each
MORE_FINDINGS = 38  # in a table below
COLUMNS = 300
COLUMN_PICTURES = 6
PAIRS = 20
TRIPLES = 10
RULES = 6  # of a learner that tells the tables apart
GROUPS = 20
WHOLE = 60
NOTICES = 60
PICTURES = 4  # of a section
USES = ("detectability", "utility", "realism", "diversity", "energy_distance", "estimand_overlap")
PRIVACY_NUMBERS = 4  # of a check


@dataclass(frozen=True, slots=True)
class Row:
    """A number with everything that must stand beside it, as text; `value` is the number itself."""

    check: str
    title: str
    about: tuple[str, ...]
    group: str
    name: str
    value: float
    estimate: str
    baseline: str
    tolerance: str
    grade: Grade | None
    n: str
    sentence: str
    needed: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding as a card or a line: its place in the page, its number in words, its picture."""

    finding: Finding
    anchor: str
    title: str
    sentence: str
    value: float | None
    estimate: str
    baseline: str
    tolerance: str
    rows: str
    chart: Chart | None
    details: tuple[DetailView, ...]


@dataclass(frozen=True, slots=True)
class DetailView:
    """A finding that follows from another one: what it is about and its number in words."""

    finding: Finding
    title: str
    estimate: str


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column with its small picture, its distance and the worst grade of its numbers."""

    column: Column
    spark: Bars | Histogram | None
    distance: Row | None
    grade: Grade | None
    trouble: int


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check with its card, its grade, its tolerances and its numbers for the whole table."""

    card: Card
    grade: Grade
    reason: str
    remedy: str
    paragraphs: tuple[str, ...]
    reading: str
    tolerances: tuple[str, ...]
    summary: tuple[formatting.SummaryLine, ...]
    rows: str
    numbers: tuple[Row, ...]
    more: int


@dataclass(frozen=True, slots=True)
class UseView:
    """A check of the whole table as a card: its numbers, the rules found, its pictures."""

    check: CheckView
    numbers: tuple[Row, ...]
    rules: tuple[str, ...]
    charts: tuple[Chart, ...]


def page(report: Report) -> dict[str, Any]:
    """Everything that the template of the HTML report reads."""
    gallery = Gallery(report)
    together = gallery.take(series_section.loop_charts(report))
    views = finding_views(report, gallery)
    chosen = reasons(report, views)
    checks = check_views(report)
    return {
        "report": report,
        "answer": series_section.head_and_rest(report),
        "steps_of_series": series_section.steps(report),
        "in_time": series_section.in_time(report),
        "tables_line": series_section.tables_line(report) if series_section.told_of_series(report) else "",
        "loop_pictures": together,
        "findings": views[:FINDINGS],
        "more_findings": views[FINDINGS : FINDINGS + MORE_FINDINGS],
        "findings_left": max(0, len(views) - FINDINGS - MORE_FINDINGS),
        "findings_counted": finding_tree.counted(report.findings),
        "reasons": chosen[:REASONS],
        "reasons_left": max(0, len(chosen) - REASONS),
        "steps": steps(chosen or views),
        **_tables(report, gallery),
        "checks": checks,
        "privacy": [check for check in checks if check.card.family == Family.PRIVACY],
        "poisoning": [check for check in checks if check.card.family == Family.POISONING],
        "planted": suspicious_rows.planted(report),
        "notices": report.notices[:NOTICES],
        "notices_left": max(0, len(report.notices) - NOTICES),
        "provenance": flat({k: v for k, v in report.provenance.items() if k not in TOLD_APART}),
        "origin": origin_of(report),
    }


def _tables(report: Report, gallery: Gallery) -> dict[str, Any]:
    whole, pairs = numbers_about(report, 0), numbers_about(report, 2)
    groups, triples = numbers_about(report, 0, groups=True), numbers_about(report, MANY)
    columns = column_views(report)
    uses = use_views(report, gallery)
    maps: list[Chart] = [
        c
        for kind in (Heatmap, JointShares)
        for one in report.results
        for c in one.result.charts
        if isinstance(c, kind)
    ]
    pair_pictures = gallery.take(maps, PICTURES + 2)
    sparks: list[Chart] = [
        view.spark for view in columns if view.spark and view.grade in (Grade.FAIL, Grade.WARN)
    ]
    return {
        "whole": [row(*pair) for pair in whole[:WHOLE]],
        "columns": columns[:COLUMNS],
        "columns_left": max(0, len(columns) - COLUMNS),
        "column_pictures": gallery.take(sparks, COLUMN_PICTURES),
        "pairs": [row(*pair) for pair in in_turn(pairs, PAIRS)],
        "pairs_total": len(pairs),
        "triples": [row(*pair) for pair in triples[:TRIPLES]],
        "triples_total": len(triples),
        "uses": uses,
        "opinions": opinions(report),
        "drift_told": drift_told(report),
        "drift_pictures": gallery.take(drift_charts(report), PICTURES),
        "pair_pictures": pair_pictures,
        "whole_pictures": gallery.take(overview_charts(report, Family.FIDELITY), PICTURES),
        "people": group_section(report, gallery),
        "groups": [row(*pair) for pair in in_turn(groups, GROUPS)],
        "groups_total": len(groups),
        "group_pictures": gallery.take(overview_charts(report, Family.BIAS), PICTURES),
    }


def row(one: JudgedResult, number: Judged) -> Row:
    """A judged number in words."""
    card, measure = one.result.card, number.measure
    scale = card.scale
    return Row(
        check=card.id,
        title=card.title,
        about=tuple(name for name in measure.about if name not in (measure.group or {})),
        group=group_words(measure.group),
        name=formatting.measure_name(measure.name),
        value=measure.value,
        estimate=formatting.estimate(measure.value, measure.low, measure.high, scale),
        baseline=formatting.number(measure.baseline, scale),
        tolerance=tolerance_words(number.tolerance_warn, number.tolerance_fail, card),
        grade=number.grade,
        n=formatting.count(measure.n) if measure.n else formatting.NONE,
        sentence=formatting.sentence(measure.sentence, measure.about),
        needed="" if number.needed_n is None else formatting.count(number.needed_n),
    )


def group_words(group: Mapping[str, str] | None) -> str:
    """A group of rows: "sex = F, region = north"."""
    pairs = (group or {}).items()
    return ", ".join(
        f"{formatting.shorten(name, 40)} = {formatting.shorten(value, 40)}" for name, value in pairs
    )


def tolerance_words(warn: float | None, fail: float | None, card: Card) -> str:
    """The tolerances of a number: "2% / 5%", warn and fail."""
    if warn is None and fail is None:
        return formatting.NONE
    return f"{formatting.number(warn, card.scale)} / {formatting.number(fail, card.scale)}"


def finding_views(report: Report, gallery: Gallery) -> list[FindingView]:
    """Findings with their details, pictures for the first: the verdict's reasons, then by severity.

    So the evidence of every reason stands on the page, however many findings there are. What
    follows from another finding stands under it alone.
    """
    known = cards(report)
    views = []
    first = {name: at for at, name in enumerate(report.verdict.reasons)}
    own = {finding.id for finding in finding_tree.roots(report.findings)}
    standing = [finding for finding in report.findings if finding.id in own or finding.id in first]
    ordered = sorted(standing, key=lambda finding: first.get(finding.id, len(first)))
    for at, finding in enumerate(ordered):
        card = known.get(finding.check)
        scale = card.scale if card else None
        rows = finding.rows.count if finding.rows else 0
        views.append(
            FindingView(
                finding=finding,
                anchor=f"finding-{at + 1}",
                title=card.title if card else finding.check,
                sentence=formatting.sentence(finding.sentence, finding.about),
                value=finding.value,
                estimate=formatting.estimate(finding.value, finding.low, finding.high, scale),
                baseline=formatting.baseline(finding.baseline, scale),
                tolerance=formatting.number(finding.tolerance, scale),
                rows=formatting.count(rows) if rows else "",
                chart=gallery.for_finding(finding) if at < FINDINGS else None,
                details=_details(report, finding, known),
            )
        )
    return views


def _details(report: Report, root: Finding, known: Mapping[str, Card]) -> tuple[DetailView, ...]:
    views = []
    for finding in finding_tree.details(report.findings, root):
        card = known.get(finding.check)
        estimate = formatting.estimate(finding.value, finding.low, finding.high, card.scale if card else None)
        views.append(DetailView(finding, card.title if card else finding.check, estimate))
    return tuple(views)


def reasons(report: Report, views: list[FindingView]) -> list[FindingView]:
    """The findings that the verdict names, in its order."""
    by_id = {view.finding.id: view for view in views}
    return [by_id[name] for name in report.verdict.reasons if name in by_id]


def steps(views: list[FindingView]) -> list[str]:
    """What to do next: the steps of the first findings, each once."""
    found = dict.fromkeys(view.finding.next_step for view in views if view.finding.next_step)
    return list(found)[:STEPS]


def column_views(report: Report) -> list[ColumnView]:
    """Every column, worst first."""
    numbers, distances, charts = column_numbers(report), column_distances(report), column_charts(report)
    views = []
    for column in report.columns:
        mine = [number for _, number in numbers.get(column.name, []) if number.grade is not None]
        distance = distances.get(column.name)
        views.append(
            ColumnView(
                column=column,
                spark=charts.get(column.name),
                distance=row(*distance) if distance else None,
                grade=mine[0].grade if mine else None,
                trouble=sum(number.grade in (Grade.FAIL, Grade.WARN) for number in mine),
            )
        )

    def key(view: ColumnView) -> tuple[int, float]:
        found = distances.get(view.column.name)
        far = badness(found[1].measure, found[0].result.card.scale) if found else 0.0
        return ORDER[view.grade], -far

    return sorted(views, key=key)


def check_views(report: Report) -> list[CheckView]:
    """Every check of the report, in the order of the families."""
    order = list(Family)
    views = [check_view(one) for one in report.results]
    return sorted(views, key=lambda view: order.index(view.card.family))


def check_view(one: JudgedResult) -> CheckView:
    """One check in words."""
    result, card = one.result, one.result.card
    judged = [row(one, number) for number in one.measures if not number.measure.about][:PRIVACY_NUMBERS]
    rest = [row(one, number) for number in one.measures if number.measure.about]
    shown = tuple((judged + rest)[:PRIVACY_NUMBERS])
    used = [f"{role} {formatting.count(rows)}" for role, rows in result.rows_used.items() if rows is not None]
    return CheckView(
        card=card,
        grade=one.grade,
        reason=result.reason or "",
        remedy=result.remedy,
        paragraphs=paragraphs(card.explanation),
        reading=formatting.reading(card.scale),
        tolerances=tuple(
            f"{formatting.measure_name(name) + ': ' if name else ''}warn {formatting.number(pair[0], card.scale)}, "
            f"fail {formatting.number(pair[1], card.scale)}"
            for name, pair in tolerances(one).items()
        ),
        summary=tuple(formatting.summary_lines(result.summary)),
        rows=", ".join(used),
        numbers=shown,
        more=len(one.measures) - len(shown),
    )


def use_views(report: Report, gallery: Gallery) -> list[UseView]:
    """What gives synthetic rows away, what models learn from them, how real and diverse they are.

    Two checks that share a summary tell it once.
    """
    found = {one.result.card.id: one for one in report.results}
    views: list[UseView] = []
    for check in (check for check in USES if check in found):
        view = _use(found[check], gallery)
        told = any(view.check.summary == other.check.summary for other in views)
        views.append(replace(view, check=replace(view.check, summary=())) if told else view)
    return views


def _use(one: JudgedResult, gallery: Gallery) -> UseView:
    whole = [number for number in one.measures if not number.measure.about and not number.measure.group]
    rules = [number.measure for number in one.measures if is_rule(number.measure)][:RULES]
    return UseView(
        check=check_view(one),
        numbers=tuple(row(one, number) for number in whole[:WHOLE]),
        rules=tuple(formatting.sentence(measure.sentence, measure.about) for measure in rules),
        charts=tuple(gallery.take(list(one.result.charts), PICTURES)),
    )


def paragraphs(text: str) -> tuple[str, ...]:
    """Text in paragraphs without its line breaks."""
    return tuple(" ".join(part.split()) for part in text.split("\n\n") if part.strip())


def flat(values: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    """Nested plain values as lines of a name and a text."""
    lines: list[tuple[str, str]] = []
    for name in sorted(values):
        value = values[name]
        if isinstance(value, Mapping) and value:
            lines += flat(value, f"{before}{name} · ")
        else:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
            lines.append((before + name.replace("_", " "), formatting.shorten(text, 400)))
    return lines
