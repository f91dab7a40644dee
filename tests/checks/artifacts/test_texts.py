"""texts: repeats, near repeats, openings, templates, lengths and variety of free text."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome, Skip
from audit.checks import all_checks
from audit.checks.artifacts._shared.text_phrases import (
    TEMPLATES,
    RepeatCounts,
    common_length,
    different_pairs,
)
from audit.judge.judge import judge
from audit.judge.policy import load_policy
from audit.model import Grade, Result, Status
from tests.worlds import World, check_named, find, outcome_of, siblings

_SOUNDS = [a + b for a in "bdfgklmnprst" for b in "aeiou"]


def _texts(rows: int, seed: int, fewest: int = 8, most: int = 30) -> pd.DataFrame:
    """Sentences of words that differ in frequency, as in a language."""
    rng = np.random.default_rng([31, seed])
    words = np.array([a + b for a in _SOUNDS for b in _SOUNDS])[:2000]
    share = 1 / (5 + np.arange(len(words)))
    counts = rng.integers(fewest, most, rows)
    drawn = rng.choice(words, counts.sum(), p=share / share.sum())
    cells = np.split(drawn, np.cumsum(counts)[:-1])
    return pd.DataFrame({"note": [" ".join(cell).capitalize() + "." for cell in cells]})


def _world(synthetic: pd.DataFrame) -> World:
    return World(_texts(len(synthetic), 0), synthetic, _texts(len(synthetic), 2))


def _outcome(synthetic: pd.DataFrame) -> Outcome:
    return outcome_of("texts", _world(synthetic))


def _value(synthetic: pd.DataFrame, name: str) -> float:
    return find(_outcome(synthetic), "note", name=name).value


def test_repeated_cells_are_counted_and_located() -> None:
    synthetic = _texts(2000, 1)
    synthetic.loc[:19, "note"] = synthetic.loc[20, "note"]
    outcome = _outcome(synthetic)
    measure = find(outcome, "note")
    assert measure.value == pytest.approx(0.01)
    assert measure.rows is not None
    assert (measure.rows.count, measure.rows.examples) == (20, (21,))
    assert measure.sentence == (
        "20 of 2,000 synthetic cells of note (1.0%) repeat an earlier one word for word; "
        "among as many real ones 0% would."
    )
    assert outcome.summary == {"repeated": pytest.approx(0.01), "template_cells": 0.0}
    assert find(outcome, "note", name="near_repeats").value == 0


def test_near_repeats_are_told_apart() -> None:
    synthetic = _texts(2000, 1)
    synthetic.loc[:29, "note"] = [f"Order {i} left the house on monday!" for i in range(30)]
    outcome = _outcome(synthetic)
    assert find(outcome, "note").value == 0
    assert find(outcome, "note", name="near_repeats").value == pytest.approx(29 / 2000)


def _reworded(notes: pd.Series, seed: int) -> list[str]:
    """The same notes with one word in ten another."""
    rng = np.random.default_rng(seed)
    other = _texts(len(notes), seed + 50, 400, 401)["note"].iloc[0].split()
    cells = [note.split() for note in notes]
    for words in cells:
        for place in rng.permutation(len(words))[: max(1, len(words) // 10)]:
            words[place] = str(rng.choice(other))
    return [" ".join(words) for words in cells]


def test_notes_that_differ_in_one_word_of_ten_are_found() -> None:
    synthetic = _texts(1000, 1, 10, 20)
    synthetic.loc[:39, "note"] = _reworded(synthetic.loc[40:79, "note"], 0)
    outcome = _outcome(synthetic)
    measure = find(outcome, "note", name="rewordings")
    assert measure.value == pytest.approx(0.04, abs=0.004)
    assert measure.rows is not None
    found = set(measure.rows.examples)
    assert found <= set(range(41, 81))  # the later of two alike
    assert len(found) == measure.rows.count
    assert "repeat another in nearly the same words; among as many real ones 0% do." in measure.sentence
    assert {find(outcome, "note", name=name).value for name in ("", "near_repeats")} == {0}
    shuffled = synthetic.sample(frac=1, random_state=0).reset_index(drop=True)
    assert _value(shuffled, "rewordings") == measure.value


@pytest.mark.parametrize("choices", [12, 40])
def test_notes_of_a_template_are_held_against_real_ones(choices: int) -> None:
    tables = []
    for i in range(3):
        rng = np.random.default_rng([choices, i])
        words = np.array([a + b for a in _SOUNDS for b in _SOUNDS])[:choices]
        drawn = rng.choice(words, (1000, 4))
        tables.append(
            pd.DataFrame(
                {"note": ["Came with {} and {}, was given {} and left for {}.".format(*d) for d in drawn]}
            )
        )
    measure = find(outcome_of("texts", World(*tables)), "note", name="rewordings")
    assert measure.rows is not None and measure.rows.count > 100
    assert measure.value == 0


def test_equal_openings_are_counted() -> None:
    synthetic = _texts(2000, 1)
    start = "Thank you very much for the long letter you wrote: "
    synthetic.loc[:49, "note"] = start + synthetic.loc[:49, "note"]
    outcome = _outcome(synthetic)
    opening = find(outcome, "note", name="openings")
    long = int((synthetic["note"].str.len() >= 60).sum())
    assert opening.value == pytest.approx(49 / long)
    assert opening.n == long
    assert find(outcome, "note", name="near_repeats").value == 0


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("As an AI language model, I have no name.", "“as an AI language model”"),
        ("I'm sorry, but I cannot help", "a refusal of a chat model"),
        ("Sure, here is a note about it", "an answer to a prompt"),
        ("Lorem ipsum dolor sit amet", "“lorem ipsum”"),
        ("Dear {{customer.name}}, hello", "unfilled braces"),
        ("Dear [Your Name], hello", "an unfilled bracket"),
        ("Dear <placeholder>, hello", "an unfilled tag"),
        ("It ends here <|endoftext|>", "a mark of a tokenizer"),
        ("TODO write the note", "TODO or FIXME"),
        (" n/a ", "nothing but a filler"),
    ],
)
def test_a_template_is_known(cell: str, kind: str) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    held = [name for name, e in TEMPLATES.items() if pc.match_substring_regex(pa.array([cell]), e)[0].as_py()]
    assert held == [kind]


def test_templates_are_counted_against_the_real_share() -> None:
    synthetic = _texts(2000, 1)
    synthetic.loc[:9, "note"] = "Lorem ipsum " + synthetic.loc[:9, "note"]
    synthetic.loc[10:14, "note"] = "Dear [name], " + synthetic.loc[10:14, "note"]
    outcome = _outcome(synthetic)
    measure = find(outcome, "note", name="template")
    assert measure.value == pytest.approx(15 / 2000)
    assert measure.rows is not None
    assert measure.rows.examples == tuple(range(1, 16))
    assert measure.sentence == (
        "15 synthetic cells of note (0.75%) hold a template (such as “lorem ipsum”, an unfilled bracket); "
        "of 4,000 real ones 0 do."
    )
    assert outcome.summary["template_cells"] == 15
    with_some = outcome_of("texts", World(synthetic, synthetic, synthetic))
    assert find(with_some, "note", name="template").value == 0


def test_lengths_are_compared() -> None:
    measure = find(_outcome(_texts(2000, 1, 8, 12)), "note", name="length")
    assert measure.low is not None and measure.low > 0.5
    assert "signs" in measure.sentence
    assert _value(_texts(2000, 1), "length") < 0.02


def test_lost_variety_is_seen() -> None:
    synthetic = _texts(2000, 1)
    few = _texts(40, 5)["note"].str.rstrip(".").to_numpy()
    rng = np.random.default_rng(1)
    synthetic["note"] = [f"{a} {b}" for a, b in rng.choice(few, (2000, 2))]
    measure = find(_outcome(synthetic), "note", name="variety")
    assert measure.low is not None and measure.low > 0.3


def test_different_pairs_by_hand() -> None:
    blocks = [["a", "b", "a", "b", "c", "d"], ["x"] * 6]
    assert different_pairs(blocks, 6).tolist() == [4 / 5, 1 / 5]
    assert common_length([["a"] * 300], [["a"] * 250]) == 250
    assert common_length([["a"] * 300], [["a"] * 20]) == 0


def test_repeats_by_another_way() -> None:
    cells = list("aaabbcd")
    sizes = Counter(Counter(cells).values())
    found = RepeatCounts(np.array(list(sizes)), np.array(list(sizes.values())))
    rng = np.random.default_rng(0)
    drawn = [4 - len(set(rng.permutation(cells)[:4])) for _ in range(4000)]
    assert (found.cell_count, found.repeat_count) == (7, 3)
    assert found.expected_repeats(4) == pytest.approx(np.mean(drawn), abs=0.05)


def _grades(world: World) -> set[Grade | None]:
    card = check_named("texts").card
    outcome = outcome_of("texts", world)
    result = Result(card, Status.RAN, outcome.measures)
    (judged,) = judge([result], load_policy("base", {c.card.id: c.card.scale for c in all_checks()})).results
    return {measure.grade for measure in judged.measures}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_clean_splits_raise_nothing(seed: int) -> None:
    tables = [_texts(2000, 100 * seed + i + 10) for i in range(3)]
    # Some real cells repeat, as they do where people answer "none".
    for i, table in enumerate(tables):
        table.loc[np.random.default_rng([seed, i]).random(2000) < 0.3, "note"] = "None given."
    assert _grades(World(*tables)) <= {Grade.PASS, Grade.INCONCLUSIVE}


def test_missing_and_few_cells_break_nothing() -> None:
    synthetic = _texts(300, 1)
    synthetic.loc[1:, "note"] = None
    outcome = _outcome(synthetic)
    assert {m.value for m in outcome.measures} == {0}


def test_it_does_not_apply_without_text() -> None:
    with pytest.raises(Skip, match="No column holds free text"):
        outcome_of("texts", siblings(100))
