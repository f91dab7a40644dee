"""A rich report, built by hand: every family, every kind of chart, hostile names and values."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

from audit.checks import all_cards
from audit.declare.pages import page_of
from audit.model import (
    Alignment,
    Bars,
    Better,
    Card,
    Chart,
    CoercedColumn,
    Column,
    Estimate,
    Family,
    FamilyGrade,
    Finding,
    Forest,
    Grade,
    Heatmap,
    Histogram,
    Intervals,
    JointShares,
    JudgedMeasure,
    JudgedResult,
    Kind,
    Level,
    Lines,
    Matrix,
    Measure,
    Multiplicity,
    NotAssessed,
    Notice,
    PolicyFacts,
    RatioPlane,
    Redaction,
    Result,
    Role,
    Rows,
    Scale,
    Series,
    SkippedColumn,
    Status,
    TableFacts,
    Unit,
    Verdict,
)
from audit.render.notebook import Report

HOSTILE = (
    "<script>window.token=1</script>",
    '<img src=x onerror="window.token=2">',
    "=cmd|'/C calc'!A0",
    "[click](https://evil.example/x)",
    "\u202eevil\u2066 \u200bbidi",
    "n" * 5_000,
    "{{7*7}}{% for x in y %}",
    "]]><svg onload=alert(1)>",
    '"><b onmouseover="x">',
    "%{x}<extra>|a|`b`*c*_d_$e$",
)
PLAIN = ("age", "income", "hours-per-week", "education", "sex")
SHARE = Scale(Unit.SHARE, "share of rows", Better.LOWER, 0.0, 1.0)
GRADES = (Grade.FAIL, Grade.WARN, Grade.PASS, Grade.INCONCLUSIVE, Grade.PASS)


def names_of(count: int) -> tuple[str, ...]:
    more = (f"column_{at:03d}" for at in itertools.count())
    return tuple(itertools.islice(itertools.chain(PLAIN, HOSTILE, more), count))


def card(check: str, title: str, family: Family, scale: Scale = SHARE) -> Card:
    """Told in other words than the check of this id, shown in the same place where there is one."""
    mine = Card(
        id=check,
        title=title,
        family=family,
        question=f"Does {title.lower()} hold?",
        scale=scale,
        explanation="What the number is.\n\nZero means the same; one means nothing in common.",
        source="Worked by hand for this test.",
        next_step="Look at the columns named and refit the generator.",
        page=page_of(family),
    )
    known = all_cards().get(check)
    if known is None:
        return mine
    return replace(mine, page=known.page, section=known.section, folds=known.folds, answers=known.answers)


def bump(bins: int, centre: float) -> tuple[float, ...]:
    weights = [math.exp(-(((at - centre) / (bins / 5)) ** 2)) for at in range(bins)]
    return tuple(weight / sum(weights) for weight in weights)


def column_chart(name: str, at: int) -> Bars | Histogram:
    title = f"{name} is more often in the middle in the synthetic file"
    alt = f"{name}: real peaks at 40, synthetic at 50"
    real, synthetic = bump(10, 4), bump(10, 5 + at % 3)
    series = (Series("real", real), Series("synthetic", synthetic))
    if at % 2:
        labels = tuple(HOSTILE[k % len(HOSTILE)] if k < 3 else f"level {k}" for k in range(10))
        return Bars(labels, (*series, Series("holdout", real)), title=title, alt=alt, about=(name,))
    edges = tuple(17.0 + 7.3 * k for k in range(11))
    return Histogram(edges, series, title=title, alt=alt, about=(name,))


def forest_chart() -> Forest:
    names = ("everyone", "young", "old", HOSTILE[0])
    values = {"real": (0.3, 0.1, 0.4, 0.2), "synthetic": (0.32, 0.2, 0.4, None)}
    series = [
        Series(role, *(tuple(None if v is None else v + step for v in shares) for step in (0.0, -0.05, 0.05)))
        for role, shares in values.items()
    ]
    title, alt = "Rate of income by age", "young: real 10%, synthetic 20%"
    return Forest(names, tuple(series), title=title, alt=alt, about=("age", "income"), words="rate")


def matrix_chart() -> Matrix:
    values = (0.1, None, -0.2, 0.05, 0.0, 0.3)
    return Matrix(
        ("f", "m", HOSTILE[1]),
        ("young", "old"),
        (Series("added", values),),
        title="Rate of income by age and sex",
        alt="young women: 10%",
        about=("age", "sex", "income"),
        unit=Unit.POINTS,
        words="difference of the rate",
    )


def lines_chart(name: str) -> Lines:
    edges = tuple(float(k) for k in range(40))
    real = tuple(min(1.0, k / 30) for k in range(40))
    synthetic = tuple(None if k == 3 else min(1.0, (k / 30) ** 2) for k in range(40))
    series = (Series("real", real), Series("synthetic", synthetic))
    return Lines(edges, series, title=f"ECDF of {name}", alt="synthetic rises later", about=(name,))


def heatmap_chart(names: tuple[str, ...]) -> Heatmap:
    values = tuple(
        None if a == b else abs(math.sin(a * 3.0 + b * 3.0)) / 5
        for a, b in itertools.product(range(len(names)), repeat=2)
    )
    return Heatmap(
        names,
        names,
        (Series("distance", values),),
        title="Pairs with age drift most",
        alt="worst pair: age and income, 0.19",
        unit=Unit.DISTANCE,
        words="distance",
    )


def joint_chart(a: str, b: str) -> JointShares:
    x, y = ("young", "middle", "old", "<b>rare</b>"), ("low", "high", "missing")
    real = tuple(v for v in (0.2, 0.1, 0.1, 0.05, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.0))
    return JointShares(
        x,
        y,
        (Series("real", real), Series("synthetic", tuple(reversed(real)))),
        title=f"{a} by {b}: the old and rich are missing",
        alt="old and high: real 10 %, synthetic 2 %",
        about=(a, b),
    )


def intervals_chart() -> Intervals:
    groups = ("sex = F", "sex = M", "race = <i>Other</i>")
    return Intervals(
        groups,
        (Estimate(-0.05, -0.07, -0.03), Estimate(0.05, 0.03, 0.07), Estimate(0.0, -0.02, None)),
        (0.001, 0.001, 0.0),
        title="Women are under-represented",
        alt="sex = F: -0.05, from -0.07 to -0.03",
        about=("sex",),
        unit=Unit.POINTS,
        words="difference in share",
    )


def plane_chart() -> RatioPlane:
    across, up = (
        (Estimate(synthetic, synthetic - 0.02, synthetic + 0.03), Estimate(real, real - 0.02))
        for synthetic, real in ((0.93, 1.0), (0.81, 1.002))
    )
    return RatioPlane(
        ("synthetic", "real rows"),
        ("realism", "diversity"),
        across,
        up,
        title="Fewer kinds of rows than real rows have",
        alt="realism 0.93, diversity 0.81; real rows give 1",
        unit=Unit.RATIO,
        words="ratio to real rows",
    )


def judged(value: float, about: tuple[str, ...], at: int, **more: object) -> JudgedMeasure:
    grade = GRADES[at % len(GRADES)]
    measure = Measure(
        value=value,
        about=about,
        low=value * 0.9,
        high=value * 1.1,
        baseline=0.0071 + at / 1e5,
        n=24_421,
        sentence=f"The distance of {' and '.join(about)} is {value:.3f}; chance gives 0.007.",
        **more,  # type: ignore[arg-type]
    )
    return JudgedMeasure(measure, grade, 0.02, 0.05, 40_000 if grade is Grade.INCONCLUSIVE else None)


def result_of(
    check_card: Card,
    measures: tuple[JudgedMeasure, ...],
    grade: Grade,
    charts: tuple[Chart, ...] = (),
    summary: dict[str, float] | None = None,
) -> JudgedResult:
    rows = {"real": 24_421, "synthetic": 24_421, "holdout": 24_421}
    plain = tuple(one.measure for one in measures)
    result = Result(check_card, Status.RAN, plain, summary or {}, charts, rows_used=rows, seconds=0.125)
    return JudgedResult(result, measures, grade)


def skipped_result(check_card: Card, status: Status, grade: Grade) -> JudgedResult:
    result = Result(
        check_card,
        status,
        reason=f"There is no holdout file for {HOSTILE[0]}.",
        remedy="Give a holdout file.",
        grade_if_not_run=Grade.NOT_ASSESSABLE,
    )
    return JudgedResult(result, (), grade)


def results_of(names: tuple[str, ...]) -> tuple[JudgedResult, ...]:
    fidelity, privacy = Family.FIDELITY, Family.PRIVACY
    singles = tuple(judged(0.004 + 0.013 * (at % 11), (name,), at) for at, name in enumerate(names))
    pairs = tuple(
        judged(0.01 + 0.0007 * (at % 97), pair, at)
        for at, pair in enumerate(itertools.combinations(names, 2))
    )
    groups = tuple(
        judged(0.05 - at / 50, ("sex",), at, group={"sex": value})
        for at, value in enumerate(("F", HOSTILE[1]))
    )
    charts = tuple(column_chart(name, at) for at, name in enumerate(names))
    overview = (heatmap_chart(names[:30]), joint_chart(names[0], names[1]), joint_chart(names[2], HOSTILE[0]))
    auc = Scale(Unit.AREA, "area under the curve", Better.LOWER, 0.5, 1.0)
    ratio = Scale(Unit.RATIO, "ratio", Better.ONE, 0.0, None)
    auc_measures = (judged(0.913, (), 0), judged(0.4, (), 2, name="tpr_at_1pct", descriptive=True))
    return (
        result_of(
            card("column_shapes", "Column shapes", fidelity),
            singles,
            Grade.FAIL,
            charts,
            {"accuracy": 0.9812345678, "expected_accuracy": 0.993},
        ),
        result_of(
            card("column_distances", "Column distances", fidelity), (), Grade.PASS, (lines_chart("age"),)
        ),
        result_of(card("pair_shapes", "Pair shapes", fidelity), pairs, Grade.FAIL, overview),
        result_of(card("detectability", "Detectability", fidelity, auc), auc_measures, Grade.FAIL),
        result_of(
            card("representation", "Representation", Family.BIAS), groups, Grade.WARN, (intervals_chart(),)
        ),
        result_of(
            card("closeness", "Closeness", privacy, ratio),
            (judged(0.997, (), 2),),
            Grade.PASS,
            (),
            {"share": 0.5012, "tie_share": 0.001},
        ),
        result_of(
            card("copied_rows", "Copied rows", privacy),
            (judged(0.0, (), 2, rows=Rows(3, (4, 90))),),
            Grade.PASS,
        ),
        skipped_result(card("membership", "Membership", privacy), Status.SKIPPED, Grade.NOT_ASSESSABLE),
        skipped_result(card("column_drift", "Column drift", Family.DRIFT), Status.FAILED, Grade.ERROR),
    )


def finding_of(at: int, one: JudgedResult, number: JudgedMeasure) -> Finding:
    measure = number.measure
    return Finding(
        id=f"{at:012x}",
        check=one.result.card.id,
        family=one.result.card.family,
        grade=number.grade or Grade.WARN,
        severity=max(0.0, 97.5 - at / 3),
        about=measure.about,
        group=measure.group,
        sentence=measure.sentence,
        next_step=one.result.card.next_step,
        measures=(number,),
        folded=("f" * 12,) if at == 0 else (),
    )


def findings_of(results: tuple[JudgedResult, ...]) -> tuple[Finding, ...]:
    bad = (Grade.FAIL, Grade.WARN, Grade.INCONCLUSIVE)
    numbers = [(one, number) for one in results for number in one.measures if number.grade in bad]
    numbers.sort(key=lambda pair: bad.index(pair[1].grade or Grade.WARN))
    return tuple(finding_of(at, one, number) for at, (one, number) in enumerate(numbers[:250]))


def columns_of(names: tuple[str, ...]) -> tuple[Column, ...]:
    kinds, roles = tuple(Kind), tuple(Role)
    return tuple(
        Column(
            name, kinds[at % len(kinds)], roles[-1 - at % len(roles)], "74 different values of 24,421", 0.9
        )
        for at, name in enumerate(names)
    )


def facts(name: str) -> TableFacts:
    return TableFacts(
        name, 24_421, 15, 2_345_678, "a" * 64, "b" * 64, "csv", {"delimiter": ",", "header": True}
    )


def build(columns: int = 15, grade: Grade = Grade.FAIL) -> Report:
    names = names_of(columns)
    results = results_of(names)
    findings = findings_of(results)
    return Report(
        id="0123456789abcdef" * 2,
        made_at="2026-01-02T03:04:05Z",
        seed=0,
        environment={"python": "3.11.2", "duckdb": "2.0.0"},
        purpose="analytics",
        policy=PolicyFacts("analytics", "c" * 64),
        engine="duckdb",
        tables={"real": facts("adult <real>.csv"), "synthetic": facts(HOSTILE[1]), "holdout": None},
        columns=columns_of(names),
        alignment=Alignment(
            ("only here",),
            (HOSTILE[0],),
            (CoercedColumn("age", "text", "number", 12),),
            (SkippedColumn("zip", "constant"),),
        ),
        notices=(Notice(Level.WARNING, f"The column {HOSTILE[3]} is padded.", "real"),),
        results=results,
        findings=findings,
        families={
            Family.FIDELITY: FamilyGrade(Grade.FAIL, 4, 0),
            Family.BIAS: FamilyGrade(Grade.WARN, 1, 0),
            Family.DRIFT: FamilyGrade(Grade.ERROR, 0, 1),
            Family.PRIVACY: FamilyGrade(Grade.INCONCLUSIVE, 2, 1),
        },
        verdict=Verdict(
            grade, "Fail, because a column's distance is beyond 0.05.", tuple(f.id for f in findings[:4])
        ),
        not_assessed=(
            NotAssessed("membership", "There is no holdout file.", "Give a holdout file."),
            NotAssessed("column_drift", "The check failed.", ""),
        ),
        multiplicity=Multiplicity(125, "Benjamini-Hochberg within each family", 0.4),
        redaction=Redaction(10, 7),
        provenance={"command": ["python", "-m", "audit", "run"], "policy_source": "shipped"},
    )
