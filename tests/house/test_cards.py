"""Every check says what it is; policies, tests and the contract know it."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from audit.case.check import Check
from audit.checks import all_checks
from audit.declare.options import PURPOSES
from audit.judge.policy import WHOLE, load_policy
from tests.house.source import ROOT, dotted, parsed

# The ids that scripts and gates rely on; a check may be added, none of these may go.
CONTRACT = {
    "fidelity": {"column_shapes", "column_distances", "pair_shapes", "missing_shares", "detectability"},
    "bias": {"representation", "outcome_disparity", "disparity_amplification"},
    "drift": {"column_drift", "dataset_drift", "concept_drift", "calendar_drift", "evidently_opinion"},
    "artifacts": {
        "duplicate_rows",
        "boundaries",
        "value_spikes",
        "new_categories",
        "lost_categories",
        "keys",
        "types",
    },
    "privacy": {"copied_rows", "closeness", "too_good"},
}
BEST = {"lower": "low", "higher": "high", "zero": "at 0", "one": "at 1"}
LONGEST_FIRST_LINE = 79
FEWEST_SENTENCES = 4

each_check = pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.card.id)


def test_the_contract_is_kept() -> None:
    ids = {(check.card.family.value, check.card.id) for check in all_checks()}
    promised = {(family, name) for family, names in CONTRACT.items() for name in names}
    assert promised - ids == set()


@each_check
def test_a_card_explains_its_check(check: Check) -> None:
    card = check.card
    first = card.explanation.splitlines()[0]
    assert len(first) <= LONGEST_FIRST_LINE, f"the first line has {len(first)} characters: {first}"
    assert len(_sentences(card.explanation)) >= FEWEST_SENTENCES, card.explanation
    assert card.question.endswith("?")
    assert card.source and card.title and card.scale.words
    assert card.next_step.endswith(".")
    assert re.fullmatch(r"[a-z][a-z0-9_]*", card.id)


@each_check
def test_a_check_has_a_truth_table(check: Check) -> None:
    tests = [path for path in (ROOT / "tests/checks").rglob("test_*.py") if _names(path, check)]
    assert tests, f"no file under tests/checks tests {check.card.id}"


@each_check
def test_a_check_is_judged_or_only_tells(check: Check) -> None:
    named = check.card.id in _base()["checks"]
    assert check.card.descriptive is not named, (
        f"{check.card.id} needs [checks.{check.card.id}] with warn, fail and why in "
        "audit/judge/policies/base.toml, or descriptive=True on its card where it is only shown"
    )
    if not check.card.descriptive:
        return
    home = parsed(Path(check.measure.__code__.co_filename).read_text(encoding="utf-8"))
    measures = [call for call in home.calls() if dotted(call.func) == "Measure"]
    judged = [call for call in measures if not _is_descriptive(call)]
    assert measures and not judged, (
        f"{check.card.id} gives numbers to judge but has no tolerance: "
        f"add [checks.{check.card.id}] to audit/judge/policies/base.toml, or make each Measure descriptive"
    )


def test_tolerances_are_of_numbers_that_exist() -> None:
    homes = {c.card.id: Path(c.measure.__code__.co_filename).parent for c in all_checks()}
    judged = _base()["checks"]
    assert set(judged) <= set(homes), "base.toml names a check that does not exist"
    for name, entry in judged.items():
        code = "".join(path.read_text(encoding="utf-8") for path in sorted(homes[name].rglob("*.py")))
        unknown = [
            measure
            for measure in entry.get("measures", {})
            if measure != WHOLE and f'"{measure}"' not in code
        ]
        assert unknown == [], f"no check of {homes[name].name} names the number {unknown}"


@pytest.mark.parametrize("purpose", ["base", *PURPOSES])
def test_a_shipped_policy_fits_the_checks(purpose: str) -> None:
    known = {check.card.id: check.card.scale for check in all_checks()}
    policy = load_policy(purpose, known)
    assert policy.tolerances
    assert set(policy.advisory) <= set(known)


def _sentences(text: str) -> list[str]:
    return re.findall(r"[^.!?]\S*[.!?](?=\s|$)", text)


def _names(path: Path, check: Check) -> bool:
    """Whether a test file names a check, by its id or by its function."""
    words = re.findall(r"\w+", path.read_text(encoding="utf-8"))
    return check.card.id in words or check.measure.__name__ in words


def _is_descriptive(call: ast.Call) -> bool:
    given = {keyword.arg: keyword.value for keyword in call.keywords}.get("descriptive")
    return isinstance(given, ast.Constant) and given.value is True


def _base() -> dict[str, Any]:
    return tomllib.loads((ROOT / "audit/judge/policies/base.toml").read_text(encoding="utf-8"))
