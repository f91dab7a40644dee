from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from tests.worlds import World, find, outcome_of, siblings


def town(rows, names, seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"town": rng.choice(["A", "B"], rows), "size": rng.integers(0, 9, rows)})
    frame.loc[: len(names) - 1, "town"] = names
    return frame


def leaks(*tables):
    return outcome_of("rare_value_leaks", World(*tables))


def test_rare_names_are_counted_by_hand():
    real = town(500, ["Rara", "Rarb", "Rarb", "Often", "Often", "Often"], 0)
    synthetic = town(500, ["Rara", "Rarb", "Often", "New"], 1)
    fresh = town(500, ["Rarc"], 2)
    main = find(leaks(real, synthetic, fresh))
    assert main.value == 3 / 500  # one holder of Rara, two of Rarb; three hold Often
    assert main.rows.examples == (1, 2)
    assert not any(name in main.sentence for name in ("Rara", "Rarb"))


def test_a_value_that_the_holdout_holds_as_well_is_nobodys_leak():
    main = find(leaks(town(300, ["Rara"], 0), town(300, ["Rara"], 1), town(300, ["Rara"], 2)))
    assert main.value == 0.0


def test_numbers_that_meet_by_chance_are_taken_off():
    rng = np.random.default_rng(0)
    tables = [
        pd.DataFrame({"wage": rng.integers(0, 4000, 1500), "sex": rng.choice(["f", "m"], 1500)})
        for _ in range(3)
    ]
    outcome = leaks(*tables)
    assert [m for m in outcome.measures if m.about] == []  # wage is common, and not beyond chance
    assert find(outcome).value == 0.0


def test_numbers_copied_among_chance_meetings_are_told_apart():
    rng = np.random.default_rng(1)
    tables = [
        pd.DataFrame({"wage": rng.integers(0, 40_000, 1500), "sex": rng.choice(["f", "m"], 1500)})
        for _ in range(3)
    ]
    tables[1].loc[:199, "wage"] = tables[0].loc[:199, "wage"]
    told = find(leaks(*tables), "wage", name="common_value")
    assert told.low > 0.05


def test_a_rare_pair_of_frequent_values_is_seen():
    rng = np.random.default_rng(2)

    def table():
        first = rng.choice(list("abcdef"), 1500)
        return pd.DataFrame({"u": first, "v": first})

    real, synthetic, fresh = table(), table(), table()
    real.loc[:19, "v"] = [f"r{i}" for i in range(20)]
    more = pd.concat([real, real[20:]], ignore_index=True)
    copied = synthetic.copy()
    copied.loc[:19] = real.loc[:19]
    assert find(leaks(more, copied, fresh)).value > 0


def test_people_of_one_population_leak_nothing():
    for seed in range(3):
        main = find(outcome_of("rare_value_leaks", siblings(600, seed)))
        assert main.low <= 0.002


def test_free_text_is_looked_at():
    base = siblings(300)
    real, synthetic, fresh = (
        frame.assign(
            note=[f"{tag} said that she had been there {i} times before, and left" for i in range(300)]
        )
        for frame, tag in ((base.real, "Ann"), (base.synthetic, "Bob"), (base.holdout, "Cid"))
    )
    synthetic.loc[:9, "note"] = real.loc[:9, "note"]
    main = find(
        outcome_of(
            "rare_value_leaks", dataclasses.replace(base, real=real, synthetic=synthetic, holdout=fresh)
        )
    )
    assert main.value == 10 / 300
