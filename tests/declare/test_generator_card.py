"""Generator cards: what is stated is kept, what is not is a gap, what cannot be is refused in words."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from audit.declare.generator_card import (
    DATASET,
    FIELDS,
    PARENT,
    PRIVACY,
    card_template,
    make_card,
    missing_fields,
    parse_card,
    privacy_claim,
    read_card,
    real_share,
)
from audit.declare.options import Options
from audit.errors import OptionError

SAMPLE = Path(__file__).parents[2] / "sample_data" / "generator_card.toml"
FULL = """
method = "CTGAN"
version = "0.10"
settings = {epochs = 300, batch = 500}
seed = 7
date = 2026-03-31
[privacy]
epsilon = 1
delta = 1e-6
[[lineage]]
kind = "real"
rows = 300
[[lineage]]
kind = "synthetic"
rows = 100
sha256 = "ab"
"""


def test_what_is_stated_is_kept_as_plain_values() -> None:
    card = parse_card(FULL, "card.toml")
    assert card == {
        "method": "CTGAN",
        "version": "0.10",
        "settings": {"epochs": "300", "batch": "500"},
        "seed": 7,
        "date": "2026-03-31",
        "privacy": {"epsilon": 1.0, "delta": 1e-6},
        "lineage": [{"kind": "real", "rows": 300}, {"kind": "synthetic", "rows": 100, "sha256": "ab"}],
    }
    assert make_card(card) == card
    assert Options("a", "b", generator_card=card).privacy_claim() == (1.0, 1e-6)
    assert Options("a", "b", generator_card=card, epsilon=2.0).privacy_claim() == (2.0, 0.0)


def test_what_is_not_stated_is_a_gap() -> None:
    missing = missing_fields(parse_card(FULL, "card.toml"))
    assert {"the owner", "the licence", "how epsilon was accounted for", "a hash (training table 1)"} <= set(
        missing
    )
    assert not {"the method", "the seed", "epsilon", "a hash (training table 2)"} & set(missing)
    assert {"the tables it was trained on", "whether differential privacy is claimed"} <= set(
        missing_fields({})
    )
    assert privacy_claim(None) == privacy_claim({}) == (0.0, 0.0)


def test_the_share_of_real_rows_is_known_only_where_all_tables_are() -> None:
    card = parse_card(FULL, "card.toml")
    assert real_share(card) == 0.75
    real, synthetic = card["lineage"]
    for lineage in ([], [real, {"kind": "mixed", "rows": 5}], [real, {"rows": 5}], [real, {"kind": "real"}]):
        assert real_share({"lineage": lineage}) is None
    assert real_share({"lineage": [synthetic]}) == 0


def test_an_empty_card_is_a_card_that_states_nothing() -> None:
    assert make_card(tomllib.loads(card_template())) == {}
    examples = [line.removeprefix("# ") for line in card_template().splitlines() if " = " in line]
    named = {line.split(" = ")[0] for line in examples}
    assert named == {*FIELDS, *PRIVACY, *DATASET, *PARENT}


def test_the_sample_card_can_be_used() -> None:
    assert real_share(read_card(SAMPLE)) == 1


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"metod": "x"}, "The generator card has 'metod', which does not exist. Did you mean 'method'?"),
        ({"privacy": {"zzz": 1}}, "The generator card has 'privacy.zzz', which does not exist. Known: epsilon, delta, unit, accountant."),
        ({"method": 3}, "The generator card's 'method' is 3. Write a text of at most 2,000 characters."),
        ({"seed": 1.5}, "The generator card's 'seed' is 1.5. Write a whole number from 0 up."),
        ({"seed": True}, "The generator card's 'seed' is True. Write a whole number from 0 up."),
        ({"date": "March"}, "The generator card's 'date' is 'March'. Write a date such as 2026-03-31."),
        ({"settings": "x"}, "The generator card's 'settings' is 'x'. Write a table of settings, such as settings = {epochs = 300}."),
        ({"privacy": 1}, "The generator card's 'privacy' is not a table. Write [privacy] above its lines."),
        ({"privacy": {"epsilon": -1}}, "The generator card's 'privacy.epsilon' is -1. Write a number from 0 up."),
        ({"privacy": {"delta": 1.0}}, "The generator card's 'privacy.delta' is 1. Give a number from 0 to below 1."),
        ({"lineage": "x"}, "The generator card's 'lineage' is not a list of tables. Write [[lineage]] above each."),
        ({"lineage": [{"kind": "fake"}]}, "The generator card's lineage 1: the kind 'fake' does not exist. Choose one of real, synthetic, mixed."),
        ({"lineage": [{"rows": "many"}]}, "The generator card's 'lineage 1: rows' is 'many'. Write a whole number from 0 up."),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_in_words(values: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionError) as caught:
        make_card(values)
    assert str(caught.value) == said


def test_a_file_that_is_no_card_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="cannot be read as TOML"):
        parse_card("method = ", "card.toml")
    with pytest.raises(OptionError, match="There is no file"):
        read_card(tmp_path / "none.toml")
