"""Where the data come from: the words, and the description for machines."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from audit.model import Report
from audit.render.croissant import describe, to_croissant
from audit.render.html import to_html
from audit.render.markdown import to_markdown
from audit.render.provenance_section import NO_CARD, provenance_view

CARD = {
    "method": "CTGAN",
    "version": "0.10",
    "owner": "A lab",
    "licence": "https://spdx.org/licenses/CC-BY-4.0.html",
    "date": "2026-03-31",
    "privacy": {"epsilon": 1.0},
    "dataset": {"url": "https://example.org/table", "from": "2020-01-01"},
    "lineage": [
        {"name": "census", "kind": "real", "rows": 300, "sha256": "a" * 64},
        {"name": "<b>older</b>"},
    ],
}
GENERATOR = {
    "card": CARD,
    "gaps": ["the seed", "a contact"],
    "real_share": None,
    "lineage_is": ["real", None],
    "names_real": True,
    "names_holdout": False,
}
HASHES = {
    "salted": False,
    "columns": {"real": {"age": None}, "synthetic": {"age": "0f" * 16}},
    "unchanged": ["zip"],
}
BROKEN = {
    "kept": False,
    "digest": "d" * 64,
    "made_on": "2026-01-02",
    "rows": 10,
    "given": 11,
    "missing": 2,
    "added": 3,
    "lost_columns": [],
}


def with_origin(report: Report, **told: Any) -> Report:
    return replace(report, provenance={**report.provenance, **told})


@pytest.fixture
def told(report: Report) -> Report:
    return with_origin(report, generator=GENERATOR, hashes=HASHES, commitment=BROKEN)


def test_a_report_without_any_says_what_is_missing(report: Report) -> None:
    origin = provenance_view(report)
    assert (origin.commitment_kept, origin.stated, origin.gaps, origin.lineage) == (None, None, (), ())
    assert "Nothing was committed to before training" in origin.commitment
    assert NO_CARD.split(":")[0] in to_markdown(report)
    assert NO_CARD.split(":")[0] in to_html(report)


def test_what_is_stated_stands_beside_what_is_not(told: Report) -> None:
    origin = provenance_view(told)
    assert origin.stated is not None
    assert ("Method", "CTGAN") in origin.stated
    assert ("Epsilon", "1") in origin.stated
    assert origin.gap_sentence == "Not stated: the seed, a contact."
    assert origin.lineage == (
        "census (real, 300 rows); by its hash it is the real table of this audit.",
        "<b>older</b> (kind not stated, rows not stated).",
        "From these, CTGAN 0.10 made the synthetic table.",
        "How many of the rows it was trained on are real cannot be told: a kind or a number of rows is missing.",
    )
    assert origin.unchanged.endswith("in whatever order: zip.")
    page = to_html(told)
    assert "<b>older</b>" not in page
    assert "0f" * 16 in page
    assert "Not stated: the seed, a contact." in page


def test_a_promise_is_told_as_kept_or_broken(told: Report) -> None:
    origin = provenance_view(told)
    assert origin.commitment_kept is False
    assert origin.commitment.endswith(
        "The holdout is another: 2 committed rows are missing, and 3 of its 11 rows were not committed. "
        "Do not trust numbers about privacy."
    )
    lost = provenance_view(with_origin(told, commitment=BROKEN | {"lost_columns": ["age"]}))
    assert "lacks the columns age" in lost.commitment
    assert provenance_view(with_origin(told, commitment=BROKEN | {"kept": True})).commitment.endswith(
        "is exactly these rows."
    )


def test_the_description_holds_what_croissant_asks_for(told: Report) -> None:
    """Croissant 1.1: required properties of a dataset, a file object, a record set and its fields."""
    found = json.loads(to_croissant(told))
    for name in (
        "@context",
        "@type",
        "conformsTo",
        "name",
        "description",
        "license",
        "url",
        "creator",
        "datePublished",
    ):
        assert found[name]
    assert found["conformsTo"] == [
        "http://mlcommons.org/croissant/1.1",
        "http://mlcommons.org/croissant/RAI/1.0",
    ]
    facts = told.tables["synthetic"]
    assert facts is not None
    (file,) = found["distribution"]
    assert (file["@type"], file["sha256"]) == ("cr:FileObject", facts.sha256)
    (records,) = found["recordSet"]
    assert {field["dataType"] for field in records["field"]} <= {"sc:Text", "sc:Float", "sc:DateTime"}
    ids = [field["@id"] for field in records["field"]]
    assert len(set(ids)) == len(ids) > 0
    for field, column in zip(records["field"], told.columns, strict=True):
        assert field["source"] == {"fileObject": {"@id": file["@id"]}, "extract": {"column": column.name}}
    assert found["rai:hasSyntheticData"] is True
    assert found["rai:dataCollection"] == "Generated, not collected, by CTGAN 0.10."
    assert found["prov:wasGeneratedBy"] == {
        "@type": "prov:Activity", "name": "CTGAN", "description": "version 0.10", "prov:endedAtTime": "2026-03-31",
    }  # fmt: skip
    assert [one["name"] for one in found["prov:wasDerivedFrom"]] == ["census", "<b>older</b>"]
    assert "Not stated: the seed, a contact." in found["rai:dataLimitations"]
    assert found["temporalCoverage"] == "2020-01-01/.."


def test_what_nobody_stated_is_left_out_and_named(report: Report) -> None:
    found = describe(report)
    assert not {"license", "url", "creator", "datePublished"} & set(found)
    assert (
        "Croissant asks for license, url, creator, datePublished, which nobody stated."
        in (found["rai:dataLimitations"])
    )
    assert found["rai:dataCollection"].endswith("by what is not stated.")
    sentences = [f.sentence for f in report.findings if f.family.value == "bias"]
    assert all(any(s in told for told in found["rai:dataBiases"]) for s in sentences)
