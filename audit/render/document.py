"""report.json: a report as plain values, and back. Every other form is drawn from it.

The keys are a contract (`audit/report.schema.json`): a change of meaning is a new `format`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any

from audit.declare.pages import page_of
from audit.errors import StoreError
from audit.model import (
    FORMAT,
    TOOL,
    VERSION,
    Alignment,
    Card,
    CoercedColumn,
    Family,
    FamilyGrade,
    Finding,
    Grade,
    JudgedMeasure,
    JudgedResult,
    Measure,
    Report,
    Result,
    SkippedColumn,
)
from audit.render import notebook
from audit.render.chart_codec import PlainChart, from_plain, to_plain
from audit.render.older_reports import unit_of
from audit.render.records import AGAIN, decode, decode_record, encode

SCHEMA = Path(__file__).resolve().parent.parent / "report.schema.json"
ROLES = ("real", "synthetic", "holdout")
_BESIDE_CARD = ("id", "title", "family")  # stand with the result of the check


def to_document(report: Report) -> dict[str, Any]:
    """The report as plain JSON values, keys in the order of the contract.

    Numbers are finite. Raises ValueError where a number that must exist does not.
    """
    return {
        "format": FORMAT,
        "id": report.id,
        "made_at": report.made_at,
        "seed": report.seed,
        "tool": {"name": TOOL, "version": VERSION},
        "environment": _sorted(report.environment),
        "purpose": report.purpose,
        "policy": encode(report.policy),
        "engine": report.engine,
        "tables": {role: None for role in ROLES} | encode(report.tables),
        "columns": encode(report.columns),
        "alignment": _alignment(report.alignment),
        "notices": encode(report.notices),
        "results": [_result(judged) for judged in report.results],
        "findings": [_finding(finding) for finding in report.findings],
        "families": {family.value: encode(report.families[family]) for family in _families(report)},
        "verdict": encode(report.verdict),
        "not_assessed": encode(report.not_assessed),
        "multiplicity": encode(report.multiplicity),
        "redaction": encode(report.redaction),
        "provenance": _sorted(report.provenance),
    }


def to_json(report: Report) -> str:
    """The report as JSON text: no NaN, no Infinity, the same text for the same report."""
    return json.dumps(to_document(report), allow_nan=False, ensure_ascii=False, indent=1) + "\n"


Cards = Callable[[], Mapping[str, Card]]  # of the checks there are, by id


def from_document(document: Mapping[str, Any], cards: Cards | None = None) -> Report:
    """The report that a document stands for; keys that are not known are ignored.

    cards : gives what the card of an older report lacks; without it the report is read as if nothing
        were known of its checks but their families

    Raises StoreError for another format number and where values are missing or misfit.
    """
    check_format(document)
    results = tuple(_decode_results(_list(document, "results"), cards))
    findings = tuple(
        _decode_finding(value, results, f"report.findings[{at}]")
        for at, value in enumerate(_list(document, "findings"))
    )
    return decode_record(
        notebook.Report,
        document,
        "report",
        results=results,
        findings=findings,
        alignment=_decode_alignment(document.get("alignment")),
        families=decode(Mapping[Family, FamilyGrade], document.get("families"), "report.families"),
    )


def check_format(document: Mapping[str, Any]) -> None:
    """Refuse what is not a report, or not one that this version reads (StoreError)."""
    if not isinstance(document, dict) or "format" not in document:
        raise StoreError("This is not a report: it has no 'format' number.", AGAIN)
    found = document["format"]
    if found != FORMAT or isinstance(found, bool):
        raise StoreError(
            f"The report has format {found!r}; this version reads format {FORMAT}.",
            "Open it with the version that wrote it, or run the audit again.",
        )


def validate(document: Mapping[str, Any]) -> None:
    """Hold a document against report.schema.json; raises StoreError with the first place."""
    from jsonschema import Draft202012Validator

    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    errors = sorted(Draft202012Validator(schema).iter_errors(document), key=lambda error: error.json_path)
    if errors:
        raise StoreError(f"The report breaks its schema at {errors[0].json_path}: {errors[0].message}", AGAIN)


def _sorted(mapping: Mapping[str, Any]) -> dict[str, Any]:
    return {key: encode(mapping[key]) for key in sorted(mapping)}


def _families(report: Report) -> list[Family]:
    return [family for family in Family if family in report.families]


def _alignment(alignment: Alignment) -> dict[str, Any]:
    plain: dict[str, Any] = encode(alignment)
    plain["coerced"] = [
        {"column": c.column, "from": c.from_type, "to": c.to_type, "rows": int(c.rows)}
        for c in alignment.coerced
    ]
    return plain


def _decode_alignment(value: Any) -> Alignment:
    where = "report.alignment"
    coerced = [
        decode_record(CoercedColumn, item | {"from_type": item.get("from"), "to_type": item.get("to")}, where)
        for item in _list(value, "coerced")
    ]
    skipped = decode(tuple[SkippedColumn, ...], _list(value, "skipped"), where)
    return decode_record(Alignment, value, where, coerced=tuple(coerced), skipped=skipped)


def _result(judged: JudgedResult) -> dict[str, Any]:
    result, card = judged.result, judged.result.card
    return {
        "check": card.id,
        "family": card.family.value,
        "title": card.title,
        "status": result.status.value,
        "grade": judged.grade.value,
        "reason": result.reason,
        "remedy": result.remedy,
        "grade_if_not_run": result.grade_if_not_run.value,
        "seconds": encode(result.seconds),
        "rows_used": encode(result.rows_used),
        "summary": encode(result.summary),
        "measures": [_measure(measure) for measure in judged.measures],
        "charts": [_unit_in_words(encode(to_plain(chart))) for chart in result.charts],
        "card": _card(card),
    }


def _card(card: Card) -> dict[str, Any]:
    """The card without what stands with the result of its check."""
    plain = {key: value for key, value in encode(card).items() if key not in _BESIDE_CARD}
    return plain | {"scale": _unit_in_words(plain["scale"])}


def _unit_in_words(plain: dict[str, Any]) -> dict[str, Any]:
    """In a document `unit` has held the words from the first; the kind stands beside it."""
    words = plain.pop("words")
    return plain | {"unit": words, "unit_kind": plain["unit"]}


def _decode_unit(value: Any) -> Any:
    """A scale or chart of a document as the nouns have it; left for `decode` to refuse where it is none."""
    if not isinstance(value, dict) or not isinstance(value.get("unit"), str):
        return value
    unit = value.get("unit_kind", unit_of(value["unit"], value.get("better")))
    return value | {"unit": unit, "words": value["unit"]}


def _finding(finding: Finding) -> dict[str, Any]:
    """With the numbers of the measure behind it, for those who read nothing else."""
    plain: dict[str, Any] = encode(replace(finding, measures=()))
    del plain["measures"]
    folded = plain.pop("folded")
    measure = finding.judged_measure.measure if finding.judged_measure else None
    numbers = {name: encode(getattr(measure, name, None)) for name in ("value", "low", "high", "baseline")}
    rest = {"tolerance": encode(finding.tolerance), "rows": encode(finding.rows), "folded": folded}
    return plain | numbers | rest


def _decode_finding(value: dict[str, Any], results: Sequence[JudgedResult], where: str) -> Finding:
    """The finding with the measures of its check that it came from."""
    bare = decode_record(Finding, value, where, measures=())
    own = [
        j
        for one in results
        if one.result.card.id == bare.check
        for j in one.measures
        if j.grade is bare.grade
    ]
    if value.get("value") is not None:
        number = decode_record(Measure, value, where)
        limit = decode(float | None, value.get("tolerance"), f"{where}.tolerance")
        alike = [j for j in own if _is_of(number, j.measure)]
        own = alike[:1] or [JudgedMeasure(number, bare.grade, limit, limit)]
    return replace(bare, measures=tuple(own))


def _is_of(told: Measure, measure: Measure) -> bool:
    """Whether a finding tells this measure; its sentence may say more, of what is told with it."""
    same = (told.about, told.group, told.value, told.low, told.high, told.baseline) == (
        measure.about,
        measure.group,
        measure.value,
        measure.low,
        measure.high,
        measure.baseline,
    )
    return same and told.sentence.startswith(measure.sentence)


def _measure(judged: JudgedMeasure) -> dict[str, Any]:
    plain: dict[str, Any] = encode(judged.measure)
    return plain | {
        "tolerance_warn": encode(judged.tolerance_warn),
        "tolerance_fail": encode(judged.tolerance_fail),
        "grade": encode(judged.grade),
        "needed_n": encode(judged.needed_n),
    }


def _decode_results(results: list[Any], cards: Cards | None) -> list[JudgedResult]:
    return [_decode_result(value, f"report.results[{at}]", cards) for at, value in enumerate(results)]


def _decode_result(value: Any, where: str, cards: Cards | None) -> JudgedResult:
    measures = [_decode_measure(item, where) for item in _list(value, "measures")]
    words = decode(Mapping[str, Any], value.get("card"), f"{where}.card")
    words = {**words, "scale": _decode_unit(words.get("scale"))}
    card = decode_record(Card, {**words, **value, "id": value.get("check")}, where)
    later = (one.name for one in fields(Card) if one.default is not MISSING)  # than the first reports
    missing = [name for name in later if name not in words]
    if missing:
        card = _completed(card, missing, cards)
    charts = tuple(
        from_plain(decode(PlainChart, _decode_unit(item), f"{where}.charts[{at}]"))
        for at, item in enumerate(_list(value, "charts"))
    )
    result = decode_record(
        Result, value, where, card=card, measures=tuple(m.measure for m in measures), charts=charts
    )
    return JudgedResult(result, tuple(measures), decode(Grade, value.get("grade"), f"{where}.grade"))


def _completed(card: Card, missing: Sequence[str], cards: Cards | None) -> Card:
    """A card of an older report, with what it lacks taken from the check as it is today."""
    today = (cards() if cards is not None else {}).get(card.id, replace(card, page=page_of(card.family)))
    return replace(card, **{name: getattr(today, name) for name in missing})


def _decode_measure(value: Any, where: str) -> JudgedMeasure:
    return decode_record(
        JudgedMeasure, value, where, measure=decode_record(Measure, value, f"{where}.measures")
    )


def _list(value: Any, key: str) -> list[Any]:
    items = value.get(key) if isinstance(value, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise StoreError(f"The report lacks the list {key!r} of objects.", AGAIN)
    return items
