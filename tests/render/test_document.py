"""report.json: the contract, the round trip, and what is refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import pytest

from audit.checks import all_cards
from audit.declare.pages import page_of
from audit.errors import StoreError
from audit.judge.judge import rejudge
from audit.judge.policy import load_policy
from audit.model import Grade, Histogram, Measure, Report, Role, Series, Unit
from audit.render import formatting, from_document, to_document, to_json, validate
from audit.render.older_reports import unit_of

ENVELOPE = [
    "format",
    "id",
    "made_at",
    "seed",
    "tool",
    "environment",
    "purpose",
    "policy",
    "engine",
    "tables",
    "columns",
    "alignment",
    "notices",
    "results",
    "findings",
    "families",
    "verdict",
    "not_assessed",
    "multiplicity",
    "redaction",
    "provenance",
]
RESULT = {"check", "family", "title", "status", "reason", "seconds", "rows_used", "summary", "measures"}
MEASURE = {
    "about",
    "group",
    "value",
    "low",
    "high",
    "baseline",
    "n",
    "tolerance_warn",
    "tolerance_fail",
    "grade",
}


def with_first_measure(report: Report, **change: Any) -> Report:
    first = report.results[0]
    number = first.measures[0]
    number = replace(number, measure=replace(number.measure, **change))
    return replace(report, results=(replace(first, measures=(number, *first.measures[1:])),))


def test_a_report_comes_back_as_it_was(report: Report) -> None:
    assert from_document(json.loads(to_json(report))) == report


def test_the_text_is_the_same_again_after_a_round_trip(report: Report) -> None:
    assert to_json(from_document(json.loads(to_json(report)))) == to_json(report)


def test_every_key_of_the_contract_stands_in_its_place(report: Report) -> None:
    document = to_document(report)
    assert list(document) == ENVELOPE
    assert set(document["results"][0]) >= RESULT
    assert set(document["results"][0]["measures"][0]) >= MEASURE
    assert document["alignment"]["coerced"] == [{"column": "age", "from": "text", "to": "number", "rows": 12}]
    assert document["tables"]["holdout"] is None


def test_the_example_keeps_the_schema(report: Report) -> None:
    validate(json.loads(to_json(report)))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), 2),
        (("verdict", "grade"), "good"),
        (("results", 0, "measures", 0, "value"), None),
        (("results", 0, "measures", 0, "value"), "0.1"),
        (("tables", "real", "rows"), -1),
        (("columns", 0, "kind"), "float"),
        (("findings", 0, "grade"), "pass"),
        (("made_at",), "yesterday"),
    ],
)
def test_the_schema_refuses(report: Report, path: tuple[Any, ...], value: Any) -> None:
    document = copy.deepcopy(to_document(report))
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(StoreError, match="breaks its schema"):
        validate(document)


@pytest.mark.parametrize("key", ENVELOPE)
def test_the_schema_misses_a_lost_key(report: Report, key: str) -> None:
    document = to_document(report)
    del document[key]
    with pytest.raises(StoreError, match="breaks its schema"):
        validate(document)


def test_more_keys_are_allowed_and_ignored(report: Report) -> None:
    document = json.loads(to_json(report))
    document["later"] = document["results"][0]["later"] = document["findings"][0]["later"] = {"x": 1}
    validate(document)
    assert from_document(document) == report


def test_a_report_with_the_role_of_earlier_versions_is_read(report: Report) -> None:
    document = to_document(report)
    document["columns"][0]["role"] = "weight"
    validate(document)
    assert from_document(document).columns[0].role is Role.NONE


def test_another_format_is_refused_with_a_next_step(report: Report) -> None:
    with pytest.raises(StoreError) as caught:
        from_document(to_document(report) | {"format": 9})
    assert str(caught.value) == (
        "The report has format 9; this version reads format 1. "
        "Open it with the version that wrote it, or run the audit again."
    )


@pytest.mark.parametrize("document", [{}, [], {"format": 1}, {"format": True}, {"format": 1, "results": [3]}])
def test_what_is_no_report_is_refused(document: Any) -> None:
    with pytest.raises(StoreError):
        from_document(document)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("seed",), True),
        (("results", 0, "measures", 0, "value"), float("nan")),
        (("results", 0, "measures", 0, "about"), "age"),
        (("results", 0, "card"), None),
        (("alignment",), None),
        (("families",), {"fidelity": None}),
        (("families",), {"taste": {"grade": "pass", "checks": 1, "not_assessed": 0}}),
        (("columns", 0, "name"), 7),
    ],
)
def test_misfits_are_refused_in_words(report: Report, path: tuple[Any, ...], value: Any) -> None:
    document = json.loads(to_json(report))
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(StoreError):
        from_document(document)


@pytest.mark.parametrize("change", [{"value": float("nan")}, {"value": float("inf")}])
def test_a_number_that_must_exist_is_never_written_as_nothing(
    report: Report, change: dict[str, float]
) -> None:
    with pytest.raises(ValueError, match=r"Measure\.value of .* is not a finite number"):
        to_document(with_first_measure(report, **change))


def test_an_open_end_is_written_as_null(report: Report) -> None:
    document = to_document(with_first_measure(report, high=float("inf"), baseline=float("nan")))
    measure = document["results"][0]["measures"][0]
    assert (measure["high"], measure["baseline"]) == (None, None)


def test_numbers_of_numpy_are_plain_numbers(report: Report) -> None:
    changed = with_first_measure(report, value=numpy.float32(0.5), n=numpy.int64(7))
    measure = json.loads(to_json(changed))["results"][0]["measures"][0]
    assert (measure["value"], measure["n"]) == (0.5, 7)


def test_endless_edges_are_refused(report: Report) -> None:
    chart = Histogram((0.0, float("inf")), (Series("real", (1.0,)),), title="t", alt="a")
    first = report.results[0]
    broken = replace(report, results=(replace(first, result=replace(first.result, charts=(chart,))),))
    with pytest.raises(ValueError, match=r"Chart\.edges"):
        to_document(broken)


def test_a_report_without_kinds_of_units_is_read_by_its_words(report: Report) -> None:
    document = json.loads(to_json(report))
    for result in document["results"]:
        for place in (result["card"]["scale"], *result["charts"]):
            del place["unit_kind"]
    back = from_document(document)
    validate(document)
    for old, new in zip(back.results, report.results, strict=True):
        shown = [(old.result.card.scale, new.result.card.scale)]
        shown += zip(old.result.charts, new.result.charts, strict=True)
        for one, other in shown:
            assert one.words == other.words
            assert formatting.number(0.123, one.unit) == formatting.number(0.123, other.unit)


@pytest.mark.parametrize(
    ("words", "better", "unit"),
    [
        ("share of synthetic rows", "lower", Unit.SHARE),
        ("accuracy", "higher", Unit.SHARE),
        ("difference in share", "zero", Unit.POINTS),
        ("points of the rate between groups", "zero", Unit.POINTS),
        ("synthetic share over real share", "one", Unit.NUMBER),
        ("share of this", "one", Unit.NUMBER),
        ("share of the group, or real standard deviations", "zero", Unit.NUMBER),
        ("times the distance of fresh real rows", "lower", Unit.NUMBER),
        ("share kept per generation, beyond chance", "higher", Unit.SHARE_PER_GENERATION),
        ("change per generation, as a share of what real rows reach", "higher", Unit.POINTS_PER_GENERATION),
        ("total variation per generation, beyond chance", "lower", Unit.DISTANCE_PER_GENERATION),
    ],
)
def test_units_of_earlier_reports(words: str, better: str, unit: Unit) -> None:
    assert unit_of(words, better) is unit


def test_a_finding_comes_back_with_its_measure(report: Report) -> None:
    first = report.findings[0]
    longer = replace(first, sentence=first.sentence + " Another column is ordered as well.")
    back = from_document(to_document(replace(report, findings=(longer, *report.findings[1:]))))
    assert back.findings[0] == longer
    assert back.findings[0].judged_measure in back.results[0].measures


def test_a_finding_sums_up_what_a_check_could_not_tell(report: Report) -> None:
    open_ones = [j for one in report.results for j in one.measures if j.grade is Grade.INCONCLUSIVE]
    check = next(one for one in report.results if open_ones[0] in one.measures)
    several = tuple(j for j in check.measures if j.grade is Grade.INCONCLUSIVE)
    whole = replace(
        report.findings[0],
        check=check.result.card.id,
        grade=Grade.INCONCLUSIVE,
        measures=several,
    )
    document = to_document(replace(report, findings=(whole,)))
    assert len(several) > 1
    assert (document["findings"][0]["value"], document["findings"][0]["tolerance"]) == (None, 0.02)
    assert from_document(document).findings == (whole,)


def test_a_finding_whose_measure_is_not_stored_keeps_its_numbers(report: Report) -> None:
    document = to_document(report)
    for result in document["results"]:
        result["measures"] = []
    back = from_document(document)
    assert [to_document(back)["findings"][0][name] for name in ("value", "low", "high", "tolerance")] == [
        document["findings"][0][name] for name in ("value", "low", "high", "tolerance")
    ]


def test_a_unit_that_is_none_is_refused(report: Report) -> None:
    document = to_document(report)
    document["results"][0]["card"]["scale"]["unit_kind"] = "shares"
    with pytest.raises(StoreError, match=r"'shares' at report\.results\[0\]\.scale\.unit"):
        from_document(document)


def test_an_older_report_has_what_its_cards_lack_from_the_checks_of_today(report: Report) -> None:
    document = to_document(report)
    first = ("question", "explanation", "source", "scale", "next_step")
    for result in document["results"]:
        result["card"] = {key: result["card"][key] for key in first}
    old = {one.result.card.id: one.result.card for one in from_document(document, all_cards).results}
    known = all_cards().keys() & old.keys()
    assert known
    for name in known:
        now = all_cards()[name]
        assert (old[name].section, old[name].folds, old[name].known_as) == (
            now.section,
            now.folds,
            now.known_as,
        )
        assert old[name].explanation != now.explanation
    base = load_policy("base")
    assert rejudge(from_document(document, all_cards), base).findings == rejudge(report, base).findings
    alone = [one.result.card for one in from_document(document).results]
    assert all(card.page is page_of(card.family) and not card.folds for card in alone)


def test_a_lone_half_of_a_character_survives_the_file(report: Report, tmp_path: Path) -> None:
    from audit.render.files import write_all

    changed = with_first_measure(report, sentence="file \udc80 name")
    write_all(tmp_path, {"report.json": to_json(changed)})
    back = from_document(json.loads((tmp_path / "report.json").read_text(encoding="utf-8")))
    assert back.results[0].measures[0].measure.sentence == "file \udc80 name"


def test_an_empty_measure_keeps_its_defaults(build_report: Callable[..., Report]) -> None:
    report = with_first_measure(build_report(6), low=None, high=None, baseline=None, group=None, rows=None)
    back = from_document(json.loads(to_json(report)))
    assert back.results[0].measures[0].measure == Measure(
        value=0.004, about=("age",), n=24_421, sentence=report.results[0].measures[0].measure.sentence
    )
