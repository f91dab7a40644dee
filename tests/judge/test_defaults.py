"""A check that a policy names nowhere is judged by the default of its family and unit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audit.checks import all_cards
from audit.declare.options import PURPOSES
from audit.errors import PolicyError
from audit.judge.defaults import with_defaults, without_tolerance
from audit.judge.judge import judge
from audit.judge.policy import Policy, Tolerance, load_policy
from audit.model import Better, Card, Family, Grade, Scale, Unit
from tests.judge.build import card, measure, policy, result


def with_default(**given: tuple[float, float]) -> Policy:
    pairs = {key.replace("_", "."): Tolerance(*pair) for key, pair in given.items()}
    return replace(policy({"other": (0.1, 0.2)}), defaults=pairs)


def on(unit: Unit, better: Better, high: float | None = 1.0) -> Card:
    return replace(card("newcomer"), scale=Scale(unit, "of it", better, 0.0, high))


@pytest.mark.parametrize(
    ("unit", "better", "pair"),
    [
        (Unit.SHARE, Better.LOWER, (0.02, 0.05)),
        (Unit.SHARE, Better.ZERO, (0.02, 0.05)),
        (Unit.SHARE, Better.HIGHER, (0.98, 0.95)),
        (Unit.RATIO, Better.ONE, (1.1, 1.25)),
    ],
)
def test_a_default_is_a_distance_from_the_best_end(
    unit: Unit, better: Better, pair: tuple[float, float]
) -> None:
    known = with_default(fidelity_share=(0.02, 0.05), fidelity_ratio=(1.1, 1.25))
    found = with_defaults(known, [on(unit, better)]).tolerance("newcomer", "")
    assert found is not None
    assert (found.warn, found.fail) == pytest.approx(pair)


@pytest.mark.parametrize(
    "strange",
    [on(Unit.AREA, Better.LOWER), on(Unit.RATIO, Better.LOWER), on(Unit.SHARE, Better.HIGHER, None)],
)
def test_where_no_default_fits_the_check_is_named(strange: Card) -> None:
    known = with_default(fidelity_share=(0.02, 0.05), fidelity_ratio=(1.1, 1.25))
    assert without_tolerance(known, [strange]) == [strange]
    assert with_defaults(known, [strange]) is known
    assert without_tolerance(known, [replace(strange, descriptive=True)]) == []


def test_only_the_main_number_of_a_check_named_nowhere_has_a_default() -> None:
    known = with_default(fidelity_share=(0.02, 0.05))
    judged = judge(
        [
            result(measure(0.3), measure(0.3, name="more"), check="newcomer"),
            result(measure(0.15), check="other"),
        ],
        known,
    )
    main, more = judged.results[0].measures
    assert (main.grade, more.grade) == (Grade.FAIL, None)
    assert judged.results[1].grade is Grade.WARN
    assert (main.tolerance_warn, main.tolerance_fail) == (0.02, 0.05)


@pytest.mark.parametrize("purpose", ["base", *PURPOSES])
def test_every_check_there_is_has_a_tolerance_or_is_only_shown(purpose: str) -> None:
    known, cards = load_policy(purpose), all_cards().values()
    assert without_tolerance(known, cards) == []
    assert with_defaults(known, cards) is known
    assert {Family(key.partition(".")[0]) for key in known.defaults} == set(Family)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[families.fidelty.share]\nwarn = 0.1\nfail = 0.2", "holds 'fidelty'"),
        ("[families.fidelity.rows]\nwarn = 0.1\nfail = 0.2", "holds 'rows'"),
        ("[families.fidelity.share]\nwarn = 0.1", "needs two numbers"),
    ],
)
def test_a_mistyped_default_is_refused(text: str, said: str, tmp_path) -> None:
    (tmp_path / "p.toml").write_text(text)
    with pytest.raises(PolicyError, match=said):
        load_policy(tmp_path / "p.toml")
