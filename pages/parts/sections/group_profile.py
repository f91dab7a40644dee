"""Groups side by side: what is looked at, in which table, and the pictures that fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from audit.model import Forest, Matrix, Report, Section, Series, Unit, as_series
from audit.render import formatting
from audit.render.evidence import told_in
from pages.parts.base.markdown import plain_text

EVERYONE = "everyone"
CROSS = " × "
Profile = Forest | Matrix  # of an attribute, or of two that are crossed
VIEWS = {"real": "Real table", "synthetic": "Synthetic table", "model": "Model"}
# What a picture counts, by its words: a short name, and the views it belongs to.
TABLES = ("real", "synthetic")
NUMBERS = {
    "rate of the outcome": ("Outcome", TABLES),
    "share of rows": ("Share of rows", TABLES),
    "rate a model decides for": ("Decides for it", ("model",)),
    "true positive rate of a model": ("Finds it where true", ("model",)),
    "false positive rate of a model": ("Gives it wrongly", ("model",)),
}


@dataclass(frozen=True, slots=True)
class ProfileLine:
    """A group: its rates in both tables, and everyone's, None where there are too few rows."""

    label: str
    real: float | None
    synthetic: float | None
    real_all: float | None
    synthetic_all: float | None

    @property
    def inherited_gap(self) -> float | None:
        """How far the group lies from everyone in the real table."""
        return None if self.real is None or self.real_all is None else self.real - self.real_all

    @property
    def added_gap(self) -> float | None:
        """How much farther in the synthetic one; for shares, what was added to the share."""
        if self.real is None or self.synthetic is None:
            return None
        moved = (self.synthetic_all or 0.0) - (self.real_all or 0.0)
        return self.synthetic - self.real - moved

    def sort_key(self, view: str) -> float:
        """How far off, for the list: the worst first."""
        off = self.inherited_gap if view == "real" and self.inherited_gap is not None else self.added_gap
        return -abs(off) if off is not None else 0.0


def charts_of(report: Report) -> list[Profile]:
    """The pictures of groups side by side."""
    found = told_in(report, Section.SIDE_BY_SIDE)
    return [] if found is None else [one for one in found.result.charts if isinstance(one, Profile)]


def by_of(chart: Profile) -> str:
    """The attribute, or the two that are crossed, as the address has it."""
    return CROSS.join(sorted(chart.about[:2]) if isinstance(chart, Matrix) else chart.about[:1])


def attributes(charts: Sequence[Profile]) -> list[str]:
    """What groups can be made by: each attribute, then each crossing."""
    ordered = sorted(charts, key=lambda chart: isinstance(chart, Matrix))
    return list(dict.fromkeys(by_of(chart) for chart in ordered))


def available_views(charts: Sequence[Profile]) -> list[str]:
    """The views that have a picture."""
    pictured = {chart.words for chart in charts}
    return [view for view in VIEWS if any(view in NUMBERS[w][1] for w in pictured if w in NUMBERS)]


def numbers(charts: Sequence[Profile], view: str) -> list[str]:
    """What can be looked at in a view, by the words of its pictures."""
    pictured = {chart.words for chart in charts}
    return [words for words, (_, where) in NUMBERS.items() if words in pictured and view in where]


def choose_chart(charts: Sequence[Profile], by: str, words: str) -> Profile | None:
    """The picture of these groups and this number."""
    return next((c for c in charts if by_of(c) == by and c.words == words), None)


def lines(chart: Profile, everyone: Profile | None = None) -> list[ProfileLine]:
    """A line for each group, in the order of the picture.

    everyone : a picture that has everyone's rates, where this one (a crossing) lacks them
    """
    series = {one.name: one.values for one in chart.series}
    whole = {one.name: one.values for one in everyone.series} if everyone else series
    known = _labels(everyone or chart)[:1] == [EVERYONE]
    means = [whole[role][0] if known else None for role in TABLES]
    labels = _labels(chart)
    return [
        ProfileLine(label, series["real"][at], series["synthetic"][at], means[0], means[1])
        for at, label in enumerate(labels)
        if label != EVERYONE
    ]


def _labels(chart: Profile) -> list[str]:
    if isinstance(chart, Matrix):
        return [f"{down}, {across}" for down in chart.rows for across in chart.columns]
    return list(chart.groups)


def forest(chart: Profile, view: str, found: Sequence[ProfileLine], most: int) -> Forest:
    """The groups with their intervals, the worst first; everyone before them."""
    names = _labels(chart)
    order = sorted((one for one in found if one.real is not None), key=lambda one: one.sort_key(view))[:most]
    places = [names.index(one.label) for one in order]
    if names[:1] == [EVERYONE]:
        places = [0, *places]
    return Forest(
        tuple(names[at] for at in places),
        tuple(_at(one, places) for one in chart.series if view != "real" or one.name == "real"),
        title=title(chart, view, order),
        alt="; ".join(_said(one, view) for one in order[:8]),
        about=chart.about,
        unit=chart.unit,
        words=chart.words,
    )


def _at(series: Series, places: Sequence[int]) -> Series:
    """Some places of a series, with their intervals."""
    values, low, high = (
        None if ends is None else tuple(ends[at] for at in places)
        for ends in (series.values, series.low, series.high)
    )
    return Series(series.name, values or (), low, high)


def title(chart: Profile, view: str, order: Sequence[ProfileLine]) -> str:
    """What stands out, as a sentence."""
    if not order:
        return chart.title
    worst, two = order[0], ("real", "synthetic")
    if view == "model":
        two = ("trained on real rows", "trained on synthetic rows")
    if view == "real":
        return f"{chart.title}: {worst.label} {_number(worst.real)}, everyone {_number(worst.real_all)}"
    return f"{chart.title}: {worst.label} {_number(worst.real)} {two[0]}, {_number(worst.synthetic)} {two[1]}"


def _said(one: ProfileLine, view: str) -> str:
    rest = "" if view == "real" else f", synthetic {_number(one.synthetic)}"
    return f"{one.label}: real {_number(one.real)}{rest}"


def _number(value: float | None) -> str:
    return formatting.number(value, Unit.SHARE)


def matrix_chart(chart: Matrix, view: str, found: Sequence[ProfileLine]) -> Matrix:
    """The crossing as cells: the rates of a table, or of a model trained on synthetic rows."""
    role = "real" if view == "real" else "synthetic"
    values = next(one.values for one in chart.series if one.name == role)
    return replace(
        chart,
        title=f"{chart.title}, {VIEWS[view].lower()}",
        series=(Series(role, values),),
        alt="; ".join(_said(one, view) for one in found[:8]),
        unit=Unit.SHARE,
        words="share",
    )


def added_chart(chart: Matrix, found: Sequence[ProfileLine]) -> Matrix:
    """What the generator added to each cell of a crossing."""
    return replace(
        chart,
        title="Added by the generator, in points",
        series=as_series({"added": [one.added_gap for one in found]}),
        alt="; ".join(f"{one.label}: {_points(one.added_gap)}" for one in found[:8]),
        unit=Unit.POINTS,
        words="difference of the rate",
    )


def _points(value: float | None) -> str:
    text = formatting.number(value, Unit.POINTS, 1).removesuffix(" points")
    return f"+{text}" if value is not None and value > 0.0005 else text


def table(found: Sequence[ProfileLine], view: str, words: str) -> pd.DataFrame:
    """One row a group, worst first: both tables, what was inherited, what was added."""
    order = sorted((one for one in found if one.real is not None), key=lambda one: one.sort_key(view))
    columns = {
        "Group": [plain_text(one.label, 60) for one in order],
        "Real": [_number(one.real) for one in order],
        "Synthetic": [_number(one.synthetic) for one in order],
    }
    if words != "share of rows":
        columns["Inherited"] = [_points(one.inherited_gap) for one in order]
    columns["Added"] = [_points(one.added_gap) for one in order]
    return pd.DataFrame(columns)


def note(chart: Profile, report: Report, view: str) -> str:
    """How to read the picture and the list, and who is not in them."""
    parts = []
    if view == "model":
        parts.append(
            "Decisions on holdout rows by a model trained on real rows and by one trained on synthetic rows."
        )
    if chart.words != "share of rows":
        parts.append(
            "Inherited: the group's rate less everyone's with real rows. Added: what synthetic rows put on top, in points."
        )
    else:
        parts.append("Added: points by which the group's share grew.")
    small = too_small(chart, report)
    return " ".join([*parts, small] if small else parts)


def too_small(chart: Profile, report: Report) -> str:
    """How many groups are not shown because too few people are in them; empty for none."""
    if isinstance(chart, Matrix):
        grey = sum(value is None for value in chart.series[0].values)
        return f"{_groups(grey)} of fewer than 50 real rows {_is(grey)} grey." if grey else ""
    small = [
        judged.measure.value
        for one in [told_in(report, Section.SIDE_BY_SIDE)]
        if one is not None
        for judged in one.measures
        if judged.measure.name == "too_small" and judged.measure.about == chart.about[:1]
    ]
    count = int(small[0]) if small else 0
    return f"{_groups(count)} of fewer than 50 real rows {_is(count)} not shown." if count else ""


def _groups(count: int) -> str:
    return "1 group" if count == 1 else f"{count} groups"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
