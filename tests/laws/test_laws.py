"""What every check obeys, whatever it measures."""

from __future__ import annotations

import math
from dataclasses import astuple
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from audit.checks import all_cards
from audit.model import Grade, Measure, Status
from audit.render import write_reports
from audit.render.chart_codec import plain_series, to_plain
from audit.run.run import audit_frames
from tests.laws.audits import CHECKS, PRIVACY, WORLDS, Audited, audited, headline, key_of, new_name
from tests.laws.hidden import HIDDEN, spellings
from tests.worlds import ROLES, World, siblings

FINITE_ZERO = 1e-9


@pytest.fixture(params=CHECKS)
def check(request: pytest.FixtureRequest) -> str:
    """The id of every check."""
    return str(request.param)


@pytest.mark.parametrize("world", WORLDS)
def test_no_check_breaks(world: str) -> None:
    broken = [r.result.card.id for r in audited(world).report.results if r.result.status is Status.FAILED]
    assert broken == []


def test_numbers_are_finite_and_on_their_scale(check: str) -> None:
    for world in WORLDS:
        result = audited(world).result(check).result
        scale = result.card.scale
        for measure in result.measures:
            _check_measure(measure, world)
            low = -math.inf if scale.low is None else scale.low
            high = math.inf if scale.high is None else scale.high
            if not measure.descriptive:
                assert low - FINITE_ZERO <= measure.value <= high + FINITE_ZERO, (world, measure)
        assert all(math.isfinite(value) for value in result.summary.values()), world
        assert len({key_of(m) for m in result.measures}) == len(result.measures), world


def _check_measure(measure: Measure, world: str) -> None:
    numbers = [measure.value, measure.low, measure.high, measure.baseline]
    assert all(math.isfinite(x) for x in numbers if x is not None), (world, measure)
    assert measure.low is None or measure.low <= measure.value + FINITE_ZERO, (world, measure)
    assert measure.high is None or measure.value <= measure.high + FINITE_ZERO, (world, measure)
    assert measure.sentence.endswith("."), (world, measure)


def test_rows_are_synthetic_rows(check: str) -> None:
    for world in WORLDS:
        rows = len(audited(world).world.synthetic)
        for measure in audited(world).measures(check).values():
            if measure.rows is not None:
                examples = measure.rows.examples
                assert len(examples) <= min(50, measure.rows.count), (world, measure)
                assert list(examples) == sorted(set(examples)), (world, measure)
                assert all(1 <= row <= rows for row in examples), (world, measure)


def test_charts_hold_finite_numbers(check: str) -> None:
    for world in WORLDS:
        for chart in audited(world).result(check).result.charts:
            assert all(math.isfinite(edge) for edge in to_plain(chart).edges), (world, chart.title)
            for series in plain_series(chart):
                assert all(v is None or math.isfinite(v) for v in series.values), (world, chart.title)


def test_the_same_seed_gives_the_same_numbers(check: str) -> None:
    first, again = audited("siblings").result(check).result, audited("siblings again").result(check).result
    assert [astuple(m) for m in first.measures] == [astuple(m) for m in again.measures]
    assert first.summary == again.summary


@pytest.mark.parametrize("order", ["rows shuffled", "columns reversed"])
def test_order_is_irrelevant(check: str, order: str) -> None:
    _assert_same(audited("siblings").measures(check), audited(order).measures(check), check)


def test_renaming_columns_renames_results_only(check: str) -> None:
    def renamed(measure: Measure) -> Any:
        group = {new_name(column): value for column, value in (measure.group or {}).items()}
        return tuple(new_name(name) for name in measure.about), measure.name, tuple(sorted(group.items()))

    measures = {renamed(m): m for m in audited("siblings").measures(check).values()}
    _assert_same(measures, audited("columns renamed").measures(check), check)


def _assert_same(first: dict[Any, Measure], second: dict[Any, Measure], check: str) -> None:
    """Measures by the same keys, a pair's columns in either order, hold the same numbers."""
    ours, theirs = ({_unordered(key): m for key, m in part.items()} for part in (first, second))
    assert ours.keys() == theirs.keys()
    for key, measure in ours.items():
        other = theirs[key]
        slack = (measure.high or 0.0) - (measure.low or 0.0) if all_cards()[check].learned else FINITE_ZERO
        assert other.value == pytest.approx(measure.value, rel=1e-9, abs=max(slack, FINITE_ZERO)), key


def _unordered(key: Any) -> Any:
    about, name, group = key
    return tuple(sorted(about)), name, group


def test_the_callers_frames_are_untouched() -> None:
    world = siblings(120, 5)
    before = World(*(frame.copy(deep=True) for frame in world.frames().values()))
    audit_frames(world.real, world.synthetic, world.holdout, checks=CHECKS, **ROLES)
    for role, frame in world.frames().items():
        pd.testing.assert_frame_equal(frame, before.frames()[role])


def test_losing_a_column_never_looks_better() -> None:
    whole, lost = audited("siblings").report, audited("column lost").report
    order = [Grade.PASS, Grade.WARN, Grade.INCONCLUSIVE, Grade.FAIL]
    assert order.index(lost.verdict.grade) >= order.index(whole.verdict.grade)
    (finding,) = [f for f in lost.findings if f.about == ("city",) and f.check == "types"]
    assert finding.grade is Grade.FAIL
    assert finding.sentence == "The synthetic table has no column city."
    assert finding.id in lost.verdict.reasons
    assert lost.alignment.only_real == ("city",)


# Noise among real rows ties all its columns together; a table of nothing but noise ties none.
TIED = {"pair_associations", "proxies"}


# Noise in some rows stands in a block; noise in all rows stands in random order.
ORDERED = {check for check in CHECKS if all_cards()[check].order_matters}

# Noise lies wholly outside the real range, where there are no real digits to compare with, and
# where trees set it apart, so that it does real rows no harm.
OUTSIDE = {"last_digits", "influence"}


# Noise hides people, so a privacy number may fall with it; copies are their damage.
@pytest.mark.parametrize("check", [c for c in CHECKS if c not in (*PRIVACY, *TIED, *ORDERED, *OUTSIDE)])
def test_growing_damage_never_improves_a_number(check: str) -> None:
    results = [audited(name).result(check) for name in ("siblings", "noise 10", "noise 50", "noise 100")]
    if results[0].result.status is Status.SKIPPED:
        pytest.skip("gives no number where nothing is missing")
    found = [headline(result) for result in results]
    slack = _noise(results[0].result.measures)
    assert all(after >= before - slack for before, after in pairwise(found)), found
    assert found[-1] >= found[0], found


def _noise(measures: tuple[Measure, ...]) -> float:
    """How far the main numbers of undamaged tables may move by chance."""
    whole = [m for m in measures if not (m.about or m.group or m.name)]
    return max((m.high or m.value) - (m.low or m.value) for m in whole or measures) / 2 + FINITE_ZERO


def test_damage_is_seen() -> None:
    report = audited("noise 100").report
    assert report.verdict.grade is Grade.FAIL
    failed = {f.check for f in report.findings if f.grade is Grade.FAIL}
    wanted = {"column_shapes", "pair_shapes", "detectability", "representation", "column_drift"}
    assert wanted | {"boundaries", "new_categories"} <= failed


# Whole copies are told by copied_rows; this one counts those that were changed, and leaves them out.
CHANGED = {"near_copies"}


@pytest.mark.parametrize("check", [c for c in PRIVACY if c not in CHANGED])
def test_more_copies_never_lower_a_privacy_risk(check: str) -> None:
    results = [audited(name).result(check) for name in ("siblings", "copies 60", "copies 300", "twins")]
    if results[0].result.status is Status.SKIPPED:
        pytest.skip("nobody in these worlds has what it counts")
    found = [headline(result) for result in results]
    slack = _noise(results[0].result.measures)
    assert all(after >= before - slack for before, after in pairwise(found)), found
    assert found[-1] > found[0], found


# What fails on a copy of the real table, besides its order.
GIVEN_AWAY = {
    "anonymity", "attribute_inference", "closeness", "copied_rows", "data_copying", "linkability", "membership",
    "privacy_claim", "rare_value_leaks", "singling_out", "too_good", "vulnerable_records",
}  # fmt: skip


def test_copies_are_seen() -> None:
    for world in ("copies 60", "twins"):
        finding = next(f for f in audited(world).report.findings if f.check == "copied_rows")
        assert finding.grade is Grade.FAIL
    only = {f.check for f in audited("twins").report.findings if f.grade is Grade.FAIL}
    assert only == {*GIVEN_AWAY, "row_order"}


@pytest.mark.parametrize(
    "world", ["siblings", "siblings 1", "siblings 2", "siblings 3", "siblings 4", "gappy"]
)
def test_real_against_real_raises_no_alarm(world: str) -> None:
    findings = audited(world).report.findings
    assert [f.sentence for f in findings if f.grade is Grade.FAIL] == []
    assert sum(f.grade is Grade.WARN for f in findings) <= 1, [f.sentence for f in findings]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every form of the report on hidden people."""
    folder = tmp_path_factory.mktemp("report")
    write_reports(audited("hidden people").report, folder)
    return {path.name: path.read_text(encoding="utf-8") for path in Path(folder).iterdir()}


@pytest.mark.parametrize("value", HIDDEN)
def test_no_persons_value_reaches_a_report(told: dict[str, str], value: str) -> None:
    assert len(told) == 5
    for name, text in told.items():
        for spelling in spellings(value):
            place = text.find(spelling)
            assert place < 0, (name, text[max(0, place - 200) : place + 60])


def test_the_hidden_world_is_audited_whole() -> None:
    """Were the columns left out, nothing would be hidden."""
    columns = {column.name for column in audited("hidden people").report.columns}
    assert {"note", "mail", "code", "city", "sex", "gain", "score", "since"} <= columns


def _one_row() -> World:
    return World(*(frame.iloc[:1] for frame in siblings(20).frames().values()))


def _constant() -> World:
    frame = pd.DataFrame({"x": [1.5] * 40, "c": ["a"] * 40, "y": ["yes", "no"] * 20})
    return World(frame, frame.copy(), frame.copy())


def _emptied() -> World:
    world = siblings(60)
    return World(world.real, world.synthetic.assign(sex=None, age=None, gain=None, since=None), world.holdout)


def _only_key() -> World:
    return World(*(frame[["id"]] for frame in siblings(60).frames().values()))


def _lopsided() -> World:
    return World(siblings(1000).real, siblings(40, 1).synthetic, siblings(20, 2).holdout)


EDGES = {
    "one row": _one_row,
    "constant": _constant,
    "emptied": _emptied,
    "only a key": _only_key,
    "lopsided": _lopsided,
}


@pytest.mark.parametrize("edge", EDGES)
def test_odd_tables_break_no_check(edge: str) -> None:
    world = EDGES[edge]()
    known = set(world.real.columns)
    roles = {"target": "income" if "income" in known else "", "sensitive": tuple({"sex"} & known)}
    found = Audited(world, audit_frames(world.real, world.synthetic, world.holdout, checks=CHECKS, **roles))
    assert [r.result.card.id for r in found.report.results if r.result.status is Status.FAILED] == []
    for check in CHECKS:
        for measure in found.measures(check).values():
            _check_measure(measure, edge)
