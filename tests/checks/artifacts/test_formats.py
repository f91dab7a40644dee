"""formats: codes, mails and check digits that are not written as real ones are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome, Skip
from audit.declare.rules import read_rules, rule_from_plain, write_rules
from tests.worlds import World, find, outcome_of

_LETTERS = np.array(list("ABCDEFGHKLM"))
_NAMES = np.array(["hans", "maria", "li", "christopher", "o.neil", "j-p"])


def _with_luhn(stem: str) -> str:
    """The number with its check digit, found by trying."""
    for digit in "0123456789":
        number = stem + digit
        total = sum(int(d) if i % 2 == 0 else sum(divmod(2 * int(d), 10)) for i, d in enumerate(number[::-1]))
        if total % 10 == 0:
            return number
    raise AssertionError(stem)


def _written(rows: int, seed: int) -> pd.DataFrame:
    """Codes and mails."""
    rng = np.random.default_rng([49, seed])
    a, b = (pd.Series(rng.choice(_LETTERS, rows)) for _ in range(2))
    first, last = (pd.Series(rng.choice(_NAMES, rows)) for _ in range(2))
    host = pd.Series(rng.choice(["example.org", "mail.example.com", "uni.example.de"], rows))
    number = pd.Series(rng.integers(1000, 10_000, rows)).astype(str)
    return pd.DataFrame(
        {"part": a + b + "-" + number, "mail": first + "." + last + number.str[:2] + "@" + host}
    )


def _codes(rows: int, seed: int) -> pd.DataFrame:
    """The same with telephone and card numbers and free text."""
    rng = np.random.default_rng([490, seed])
    stems = rng.integers(4 * 10**13, 5 * 10**13, rows)
    land, town = (pd.Series(rng.integers(30, 50, rows)).astype(str) for _ in range(2))
    words = ["a", "Bc", "de,", "f.", "12"]
    return _written(rows, seed).assign(
        phone="+" + land + " " + town + " " + pd.Series(stems % 10**7 + 10**7).astype(str),
        card=[_with_luhn(str(stem)) for stem in stems],
        note=[" ".join(rng.choice(words, n)) for n in rng.integers(4, 30, rows)],
    )


def _world(synthetic: pd.DataFrame, *, holdout: bool = True) -> World:
    rows = len(synthetic)
    return World(_codes(rows, 0), synthetic, _codes(rows, 2) if holdout else None)


def test_broken_cells_are_counted_and_located() -> None:
    synthetic = _codes(2000, 1)
    synthetic.loc[:19, "part"] = "AB-12B4"
    synthetic.loc[20:39, "mail"] = "hans.mueller@@example.org"
    synthetic.loc[40:59, "phone"] = "+49 30 12345"
    outcome = outcome_of("formats", _world(synthetic))
    for column, first in (("part", 1), ("mail", 21), ("phone", 41)):
        measure = find(outcome, column)
        assert measure.value == measure.low == measure.high == pytest.approx(0.01)
        assert measure.rows is not None
        assert measure.rows.examples == tuple(range(first, first + 20))
    assert find(outcome, "part").sentence == (
        "20 synthetic cells of part (1.0%) do not look like AA-9999; of 2,000 real ones 0 do."
    )
    assert find(outcome, "mail").rule is not None
    assert rule_from_plain(find(outcome, "mail").rule or {}).description == "mail looks like <email>"
    assert outcome.summary == {"rules": 4.0, "broken_rules": 3.0}


def test_wrong_check_digits_are_counted() -> None:
    synthetic = _codes(2000, 1)
    synthetic.loc[:9, "card"] = [n[:-1] + str((int(n[-1]) + 1) % 10) for n in synthetic.loc[:9, "card"]]
    synthetic.loc[10, "card"] = None
    outcome = outcome_of("formats", _world(synthetic))
    measure = find(outcome, "card", name="checksum")
    assert measure.value == pytest.approx(10 / 1999)
    assert measure.rows is not None
    assert measure.rows.examples == tuple(range(1, 11))
    assert measure.sentence == (
        "10 synthetic cells of card (0.50%) have wrong Luhn check digits; of 2,000 real ones 0 do."
    )


def test_free_text_is_said_and_not_judged() -> None:
    measure = find(outcome_of("formats", _world(_codes(1000, 1))), "note", name="no_format")
    assert measure.descriptive
    assert measure.sentence.startswith("note has no format")


@pytest.mark.parametrize("holdout", [True, False])
def test_clean_splits_raise_nothing(holdout: bool) -> None:
    outcome = outcome_of("formats", _world(_codes(2000, 1), holdout=holdout))
    assert {m.value for m in outcome.measures} == {0}


def _planted(column: str, seed: int, rows: int = 16_000) -> Outcome:
    """Recipe 49 at a dose of 0.1 %."""
    rng = np.random.default_rng([491, seed])
    tables = [_written(rows, 10 * seed + i) for i in range(3)]
    hit = rng.choice(rows, rows // 1000, replace=False)
    cells = tables[1].loc[hit, column]
    tables[1].loc[hit, column] = (
        "7" + cells.str[1:] if column == "part" else cells.str.replace("@", "@@", regex=False)
    )
    return outcome_of("formats", World(*tables))


@pytest.mark.parametrize("column", ["part", "mail"])
def test_one_cell_in_a_thousand_is_found(column: str) -> None:
    outcome = _planted(column, 3)
    assert find(outcome, column).value == pytest.approx(0.001)
    assert find(outcome, {"part": "mail", "mail": "part"}[column]).value == 0


def test_rows_that_count_have_no_fixed_length() -> None:
    tables = [pd.DataFrame({"key": [f"p{i}" for i in range(a, a + 900)]}) for a in (1, 901, 9001)]
    measure = find(outcome_of("formats", World(*tables)), "key")
    assert measure.value == 0
    assert measure.rule is not None
    assert measure.rule["patterns"] == ["p9{1,}"]


def test_a_format_that_the_holdout_breaks_is_none() -> None:
    tables = [pd.DataFrame({"code": [f"{s}{i % 300:03d}" for i in range(900)]}) for s in ("A-", "A-", "b+")]
    with pytest.raises(Skip, match="No column has a format"):
        outcome_of("formats", World(*tables))


def test_it_does_not_apply_to_numbers_and_few_labels() -> None:
    frame = pd.DataFrame({"id": range(100), "n": [1.5, 2.5] * 50, "c": ["A-1", "B-2"] * 50})
    with pytest.raises(Skip, match="No column has a format"):
        outcome_of("formats", World(frame, frame))


def test_a_rule_survives_its_file() -> None:
    measure = find(outcome_of("formats", _world(_codes(1000, 1))), "part")
    rule = rule_from_plain(measure.rule or {})
    assert read_rules(write_rules([rule])) == (rule,)
