"""The checks of joint fidelity as they come: pairs, triples, rules, models, a plane; hostile names in them."""

from __future__ import annotations

import itertools
from dataclasses import replace

from audit.model import (
    Better,
    Estimate,
    Family,
    Finding,
    Grade,
    JudgedMeasure,
    JudgedResult,
    Measure,
    Report,
    Scale,
    Status,
    Unit,
    interval_chart,
    share_bars,
)
from tests.render.example import (
    HOSTILE,
    PLAIN,
    build,
    card,
    heatmap_chart,
    names_of,
    plane_chart,
    result_of,
    skipped_result,
)

FIDELITY = Family.FIDELITY
AREA = Scale(Unit.AREA, "area under the ROC curve", Better.LOWER, 0.0, 1.0)
RATIO = Scale(Unit.RATIO, "ratio to real rows", Better.HIGHER, 0.0, None)


def number(value: float, grade: Grade | None, about: tuple[str, ...] = (), **more: object) -> JudgedMeasure:
    measure = Measure(
        value=value,
        about=about,
        low=value - 0.01,
        high=value + 0.01,
        baseline=more.pop("baseline", 0.5),  # type: ignore[arg-type]
        n=10_000,
        sentence=more.pop("sentence", f"The number of {' and '.join(about) or 'the table'} is {value:.2f}."),  # type: ignore[arg-type]
        descriptive=grade is None,
        **more,  # type: ignore[arg-type]
    )
    tolerances = (None, None) if grade is None else (0.1, 0.2)
    return JudgedMeasure(measure, grade, *tolerances)


def associations(names: tuple[str, ...]) -> JudgedResult:
    told = [Grade.FAIL, Grade.WARN, None]
    measures = [
        number(0.4 - 0.13 * (at % 7), told[at % 3], pair, baseline=0.001)
        for at, pair in enumerate(itertools.combinations(names, 2))
    ]
    drawn = replace(heatmap_chart(names[:12]), title="Associations with age differ most")
    title = card(
        "pair_associations",
        "Pair associations",
        FIDELITY,
        Scale(Unit.SCORE, "difference of association", Better.ZERO, -2, 2),
    )
    return result_of(title, (number(0.03, Grade.WARN), *measures), Grade.FAIL, (drawn,))


def triples() -> JudgedResult:
    measures = (
        number(0.05, Grade.PASS, sentence="The table differs as much as a 4% sample would."),
        number(0.31, Grade.FAIL, PLAIN[:3], name="beyond_pairs"),
        number(0.21, Grade.WARN, (PLAIN[0], PLAIN[3], HOSTILE[0]), name="beyond_pairs"),
        number(0.01, Grade.PASS, PLAIN[2:], name="beyond_pairs"),
    )
    summary = {"k_marginal": 912.3, "equivalent_sample": 0.04}
    return result_of(card("kway_marginals", "Triples", FIDELITY), measures, Grade.FAIL, (), summary)


def detection() -> JudgedResult:
    rule = f"sex is {HOSTILE[1]} and age is 25 to 32: 3.1% of synthetic rows and 1.0% of real ones, 3.1 times as many."
    measures = (
        number(0.83, Grade.FAIL),
        number(0.61, None, name="canonical"),
        number(0.2, None, ("age",), name="gives_away"),
        number(0.1, None, (HOSTILE[0],), name="gives_away"),
        number(
            0.54,
            None,
            ("age", "sex"),
            name="slice",
            group={"sex": HOSTILE[1], "age": "25 to 32"},
            sentence=rule,
        ),
    )
    given = share_bars(
        ("age", HOSTILE[0]),
        {"area lost": (0.2, 0.1)},
        title="age gives synthetic rows away most",
        alt="area lost",
        unit=Unit.AREA,
        words="area lost",
    )
    rules = interval_chart(
        (f"sex is {HOSTILE[1]} and age is 25 to 32",),
        (Estimate(3.1, 2.7, 3.6),),
        1.0,
        title="Rows that the synthetic table holds too many or too few of",
        alt=rule,
        unit=Unit.RATIO,
        words="synthetic rows per real row",
    )
    summary = {"auc": 0.83, "auc_baseline": 0.5, "auc_canonical": 0.61}
    return result_of(
        card("detectability", "Detectability", FIDELITY, AREA), measures, Grade.FAIL, (given, rules), summary
    )


def learning() -> JudgedResult:
    scores = interval_chart(
        ("guessing", "trained on synthetic rows", "trained on real rows"),
        (Estimate(0.5, 0.5, 0.5), Estimate(0.88, 0.87, 0.89), Estimate(0.92, 0.91, 0.93)),
        title="Models of synthetic rows keep 91% of the skill",
        alt="scores on holdout rows",
        about=("income",),
        unit=Unit.AREA,
        words="area under the ROC curve",
    )
    relied = share_bars(
        ("age", HOSTILE[2]),
        {"real": (0.1, 0.02), "synthetic": (0.05, 0.04)},
        title="What models rely on",
        alt="age most",
        about=("income",),
        unit=Unit.AREA,
        words="area lost",
    )
    measures = (number(0.91, Grade.WARN, baseline=1.0), number(0.95, Grade.PASS, name="linear", baseline=1.0))
    summary = {
        "score_real": 0.92,
        "score_synthetic": 0.88,
        "score_dummy": 0.5,
        "retained": 0.91,
        "same_choice": 1.0,
    }
    scale = Scale(Unit.SHARE, "share of what real rows teach", Better.HIGHER, 0.0)
    return result_of(
        card("utility", "Retained utility", FIDELITY, scale), measures, Grade.WARN, (scores, relied), summary
    )


def standing() -> tuple[JudgedResult, ...]:
    summary = {"clipped_density": 0.71, "clipped_density_real": 0.75, "precision": 0.8, "authenticity": 0.5}
    return (
        result_of(
            card("realism", "Realism", FIDELITY, RATIO),
            (number(0.93, Grade.WARN, baseline=1.0),),
            Grade.WARN,
            (plane_chart(),),
            summary,
        ),
        result_of(
            card("diversity", "Diversity", FIDELITY, RATIO),
            (number(0.81, Grade.FAIL, baseline=1.0),),
            Grade.FAIL,
            (),
            summary,
        ),
        result_of(
            card(
                "energy_distance",
                "Energy distance",
                FIDELITY,
                Scale(Unit.RATIO, "times real against real", Better.LOWER, 0.0),
            ),
            (number(1.9, Grade.WARN, baseline=1.0),),
            Grade.WARN,
        ),
    )


def groups() -> JudgedResult:
    measures = (
        number(0.02, Grade.PASS),
        number(0.12, Grade.WARN, group={"sex": "F"}),
        number(0.31, Grade.FAIL, group={"sex": HOSTILE[1]}),
        number(0.35, Grade.FAIL, group={"sex": "M"}),
    )
    return result_of(card("subgroup_shapes", "Shapes within groups", FIDELITY), measures, Grade.FAIL)


def with_fidelity(columns: int = 8) -> Report:
    """The example report with the whole fidelity family."""
    report = build(columns)
    names = names_of(columns)
    kept = tuple(one for one in report.results if one.result.card.id != "detectability")
    more = (associations(names), triples(), detection(), learning(), *standing(), groups())
    return replace(report, results=(*kept, *more))


def without_answers() -> Report:
    """The same where neither a target nor a holdout was given."""
    report = with_fidelity()
    checks = {"utility": "Retained utility", "realism": "Realism", "detectability": "Detectability"}
    results = tuple(
        skipped_result(card(check, checks[check], FIDELITY), Status.SKIPPED, Grade.NOT_ASSESSABLE)
        if (check := one.result.card.id) in checks
        else one
        for one in report.results
    )
    return replace(report, results=results)


def finding(at: int, check: str, about: tuple[str, ...], **more: object) -> Finding:
    values = {
        "id": f"{at:016x}",
        "check": check,
        "family": FIDELITY,
        "grade": Grade.FAIL,
        "severity": 80.0,
        "about": about,
        "group": None,
        "sentence": f"{check} of {' and '.join(about)}.",
        "next_step": "Look.",
    }
    return Finding(**(values | more))  # type: ignore[arg-type]
