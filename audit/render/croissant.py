"""croissant.json: the synthetic table described for machines, as Croissant 1.1 with RAI fields.

Only what the report or the generator card says; a property that nobody stated is left out and named among
the limitations. Aggregates only.

Source: MLCommons, Croissant Format Specification 1.1 (2026) and Croissant RAI 1.0 (2024); W3C PROV-O (2013);
Data & Trust Alliance, Data Provenance Standards (2024), whose fields stand in schema.org's terms.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from audit.file_formats import media_type
from audit.model import TOOL, VERSION, Column, Family, Finding, Grade, Kind, Report, Role, TableFacts
from audit.render import formatting
from audit.render.provenance_section import provenance_view

CONFORMS = ("http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0")
_CROISSANT = (
    "arrayShape citeAs column containedIn equivalentProperty extract field fileProperty fileObject fileSet format "
    "includes isArray isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace "
    "samplingRate separator source subField transform"
)
_TYPES = {
    Kind.NUMBER: "sc:Float",
    Kind.VECTOR: "sc:Float",
    Kind.DATE: "sc:DateTime",
    Kind.CATEGORY: "sc:Text",
    Kind.TEXT: "sc:Text",
    Kind.KEY: "sc:Text",
}
_MAX_FINDINGS = 25  # findings that are told
# Fields of the card, and the property that says the same.
_PROPERTIES = {"purpose": "rai:dataUseCases", "retention": "rai:dataReleaseMaintenancePlan"}
_OF_DATASET = {
    "url": "url",
    "version": "version",
    "geography": "spatialCoverage",
    "source": "isBasedOn",
    "confidentiality": "conditionsOfAccess",
    "forbidden_uses": "usageInfo",
}
_REQUIRED = ("license", "url", "creator", "datePublished")


def to_croissant(report: Report) -> str:
    """The description as JSON-LD text; the same text for the same report."""
    return json.dumps(describe(report), ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def describe(report: Report) -> dict[str, Any]:
    """The description as plain JSON values."""
    facts = report.tables["synthetic"]
    assert facts is not None, "a report is about a synthetic table"
    card = _mapping(_mapping(report.provenance.get("generator")).get("card"))
    dataset = _mapping(card.get("dataset"))
    told = {
        "@context": _context(),
        "@type": "sc:Dataset",
        "conformsTo": list(CONFORMS),
        "name": formatting.visible_text(str(dataset.get("title") or facts.name)),
        "description": str(dataset.get("description") or _description(report, facts)),
        **_from_card(card, dataset),
        "distribution": [_file(facts)],
        "recordSet": [_records(report, facts)],
        **_responsible(report, card),
        "prov:wasDerivedFrom": _parents(report, card),
        "prov:wasGeneratedBy": _activity(card),
    }
    lacking = [name for name in _REQUIRED if name not in told]
    if lacking:
        told["rai:dataLimitations"].append(f"Croissant asks for {', '.join(lacking)}, which nobody stated.")
    return told


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _context() -> dict[str, Any]:
    return {
        "@language": "en",
        "@vocab": "https://schema.org/",
        **{name: f"cr:{name}" for name in _CROISSANT.split()},
        "conformsTo": "dct:conformsTo",
        "cr": "http://mlcommons.org/croissant/",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "dct": "http://purl.org/dc/terms/",
        "description": {"@container": "@language"},
        "examples": {"@id": "cr:examples", "@type": "@json"},
        "name": {"@container": "@language"},
        "prov": "http://www.w3.org/ns/prov#",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "sc": "https://schema.org/",
    }


def _description(report: Report, facts: TableFacts) -> str:
    answer = formatting.headline(report.verdict.grade, report.purpose)
    return (
        f"A synthetic table of {formatting.count(facts.rows)} rows and {formatting.count(facts.columns)} columns, "
        f"audited against the real one by {TOOL} {VERSION}. {answer}"
    )


def _from_card(card: Mapping[str, Any], dataset: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if "licence" in card:
        told["license"] = card["licence"]
    for name in ("owner", "contact"):
        if name in card:
            told["creator" if name == "owner" else "contactPoint"] = _somebody(name, str(card[name]))
    if "issuer" in dataset:
        told["publisher"] = _somebody("issuer", str(dataset["issuer"]))
    if "date" in card:
        told |= {"dateCreated": card["date"], "datePublished": card["date"]}
    told |= {term: dataset[name] for name, term in _OF_DATASET.items() if name in dataset}
    told |= {term: [card[name]] for name, term in _PROPERTIES.items() if name in card}
    if "from" in dataset or "to" in dataset:
        told["temporalCoverage"] = f"{dataset.get('from', '..')}/{dataset.get('to', '..')}"
    more = {name: card[name] for name in ("consent",) if name in card}
    more |= {name: dataset[name] for name in ("storage", "privacy_measures") if name in dataset}
    more |= {f"differential privacy: {name}": value for name, value in _mapping(card.get("privacy")).items()}
    if more:
        told["additionalProperty"] = [
            {"@type": "sc:PropertyValue", "propertyID": name.replace("_", " "), "value": value}
            for name, value in more.items()
        ]
    return told


def _somebody(name: str, text: str) -> dict[str, Any]:
    if name == "contact":
        return {"@type": "sc:ContactPoint", "description": text}
    return {"@type": "sc:Organization", "name": text}


def _file(facts: TableFacts) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": "table",
        "name": formatting.visible_text(facts.name),
        "contentUrl": quote(facts.name, errors="backslashreplace"),
        "contentSize": f"{facts.bytes} B",
        "encodingFormat": media_type(facts.format),
        "sha256": facts.sha256,
    }


def _records(report: Report, facts: TableFacts) -> dict[str, Any]:
    only_real = set(report.alignment.only_real)
    return {
        "@type": "cr:RecordSet",
        "@id": "rows",
        "name": "rows",
        "description": f"{formatting.count(facts.rows)} rows, one a line.",
        "field": [_field(column) for column in report.columns if column.name not in only_real],
    }


def _field(column: Column) -> dict[str, Any]:
    role = "" if column.role in (Role.NONE, Role.IGNORE) else f", used as {formatting.role_word(column.role)}"
    told: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"rows/{quote(column.name, safe='', errors='backslashreplace')}",
        "name": formatting.visible_text(column.name),
        "description": f"{formatting.kind_word(column.kind)}{role}",
        "dataType": _TYPES[column.kind],
        "source": {"fileObject": {"@id": "table"}, "extract": {"column": column.name}},
    }
    if column.kind is Kind.VECTOR:
        told |= {"isArray": True, "arrayShape": "-1"}
    return told


def _responsible(report: Report, card: Mapping[str, Any]) -> dict[str, Any]:
    """The RAI fields: what was found, by whom it was made, what is not known."""
    method = " ".join(str(card[name]) for name in ("method", "version") if name in card)
    origin = provenance_view(report)
    verdict = f"Audited for {formatting.purpose_word(report.purpose)}: {report.verdict.rule}"
    found = [one for one in report.findings if one.family is not Family.BIAS]
    untold = f"{formatting.count(len(report.not_assessed))} checks could not be made."
    made = f"by {method}." if method else "by what is not stated."
    return {
        "rai:hasSyntheticData": True,
        "rai:dataCollection": f"Generated, not collected, {made}",
        "rai:dataCollectionType": ["Synthetic"],
        "rai:dataBiases": _sentences([one for one in report.findings if one.family is Family.BIAS])
        or [_no_bias(report)],
        "rai:dataLimitations": [verdict, *_sentences(found), untold, *filter(None, [origin.gap_sentence])],
        "rai:personalSensitiveInformation": _sensitive(report),
    }


def _no_bias(report: Report) -> str:
    state = report.families.get(Family.BIAS)
    asked = state is not None and state.checks > 0
    return "The audit found none beyond its tolerances." if asked else "Bias was not looked at."


def _sentences(findings: list[Finding]) -> list[str]:
    grades = (Grade.FAIL, Grade.WARN, Grade.INCONCLUSIVE)
    chosen = [one for grade in grades for one in findings if one.grade is grade][:_MAX_FINDINGS]
    return [f"{formatting.grade_word(one.grade)}: {one.sentence}" for one in chosen]


def _sensitive(report: Report) -> list[str]:
    roles = (Role.SENSITIVE, Role.SECRET, Role.QUASI_IDENTIFIER)
    told = [
        f"{formatting.visible_text(c.name)}: {formatting.role_word(c.role)}"
        for c in report.columns
        if c.role in roles
    ]
    state = report.families.get(Family.PRIVACY)
    if state is not None:
        told.append(
            f"Attacks on privacy: {formatting.grade_word(state.grade).lower()}. No attack proves a table safe."
        )
    return told or ["No column was named as sensitive, and no attack on privacy was tried."]


def _parents(report: Report, card: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The tables that this one comes from: as the card says, and the real table of the audit."""
    named = [_mapping(one) for one in card.get("lineage") or ()]
    real = report.tables.get("real")
    told = [
        _entity(str(one.get("name") or "a table"), one, str(one.get("kind") or "kind not stated"))
        for one in named
    ]
    if real is not None and not _mapping(report.provenance.get("generator")).get("names_real"):
        facts = {"sha256": real.sha256, "rows": real.rows}
        told.append(_entity(real.name, facts, "real, as given to the audit"))
    return told


def _entity(name: str, facts: Mapping[str, Any], kind: str) -> dict[str, Any]:
    digest = facts.get("sha256") or facts.get("content_hash")
    rows = f", {formatting.count(facts['rows'])} rows" if isinstance(facts.get("rows"), int) else ""
    told = {"@type": "prov:Entity", "name": formatting.visible_text(name), "description": f"{kind}{rows}"}
    return {"@id": f"urn:sha256:{digest}", **told, "sha256": digest} if digest else told


def _activity(card: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"@type": "prov:Activity", "name": str(card.get("method") or "not stated")}
    parts = [f"{name} {card[name]}" for name in ("version", "seed") if name in card]
    parts += [f"{key} = {value}" for key, value in _mapping(card.get("settings")).items()]
    if parts:
        told["description"] = ", ".join(parts)
    if "date" in card:
        told["prov:endedAtTime"] = card["date"]
    return told
