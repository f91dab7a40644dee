"""Checks on several tables: variance, categories, quality, distance, groups, settings; and what is said of odd input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.errors import InputError, OptionError
from audit.model import Grade, Status
from audit.render import to_document, validate
from audit.run.series_run import audit_series, folder_names
from audit.stats.loops.selfconsuming import chance_lost, heterozygosity
from tests.worlds import CITIES, people

ROWS = 3000
DECAY = ("variance_decay", "category_decay", "generation_distance", "bias_over_generations")


def frames(*parts):
    return {f"gen{at}": part for at, part in enumerate(parts, 1)}


def normal(rows, seed, scale=1.0, **more):
    return pd.DataFrame({"x": np.random.default_rng([3, seed]).normal(0, scale, rows), **more})


def one(report, check, *about, name="", group=None):
    (result,) = [r for r in report.results if r.result.card.id == check]
    assert result.result.status is Status.RAN, result.result.reason
    found = [
        j
        for j in result.measures
        if j.measure.about == about
        and j.measure.name == name
        and (group is None or group in (j.measure.group or {}).values())
    ]
    assert len(found) == 1, [j.measure for j in result.measures]
    return found[0]


def test_variance_lost_by_hand():
    # every value moved to 0.9 of itself in each generation: 81 % of the variance stays
    first = normal(ROWS, 0)
    report = audit_series(first, frames(first * 0.9, first * 0.81), checks=("variance_decay",))
    column, whole = one(report, "variance_decay", "x"), one(report, "variance_decay")
    beyond = np.exp(1 / (ROWS - 1))  # a perfect generator loses this much, which is given back
    assert column.measure.value == pytest.approx(0.81 * beyond, rel=1e-6)
    assert (column.grade, whole.grade) == (Grade.FAIL, Grade.FAIL)
    assert (
        "65.6% is left after 2 generations, where a perfect generator would leave 99.9%"
        in column.measure.sentence
    )
    assert report.verdict.grade is Grade.FAIL
    (result,) = report.results
    assert result.result.summary["variance_kept"] == pytest.approx(0.9**4)


def test_a_loop_of_a_perfect_generator_is_not_accused():
    rng, tables = np.random.default_rng(5), [normal(400, 1, c=list("ab") * 200)]
    for _ in range(5):
        x = rng.normal(tables[-1]["x"].mean(), tables[-1]["x"].std(), 400)
        tables.append(pd.DataFrame({"x": x, "c": rng.choice(tables[-1]["c"], 400)}))
    report = audit_series(tables[0], frames(*tables[1:]), checks=DECAY)
    assert [f.sentence for f in report.findings if f.grade in (Grade.FAIL, Grade.WARN)] == []


def test_heavy_tails_are_told_by_ranks():
    rng = np.random.default_rng(2)
    real, again = (pd.DataFrame({"x": rng.pareto(1.5, ROWS)}) for _ in range(2))
    wild = again.copy()
    wild.loc[0, "x"] = 1e6  # one row: the variance is another, the table is not
    report = audit_series(real, frames(again, wild), checks=("variance_decay",))
    column = one(report, "variance_decay", "x")
    assert 0.97 < column.measure.value < 1.03
    assert "the variance of its ranks" in column.measure.sentence


def labels(counts):
    return pd.DataFrame({"c": np.repeat([f"v{i}" for i in range(len(counts))], counts)})


def test_variety_lost_by_hand():
    counts = [500, 300, 150, 45, 5]
    later = [[600, 250, 120, 30, 0], [700, 200, 100, 0, 0]]
    report = audit_series(labels(counts), frames(*map(labels, later)), checks=("category_decay",))
    first, last = heterozygosity(np.array(counts)), heterozygosity(np.array(later[1]))
    column = one(report, "category_decay", "c")
    assert f"{last / first:.1%} is left after 2 generations" in column.measure.sentence
    assert column.grade is Grade.FAIL
    values = one(report, "category_decay", "c", name="values")
    expected = chance_lost(np.array(counts), [1000, 1000], 1000).sum()
    assert values.measure.value == pytest.approx(3 / (5 - expected))
    assert values.grade is Grade.FAIL
    # v3 is held by 45 real rows and may be named, v4 by five and may not
    assert values.measure.sentence.endswith(
        "are gone after 2 generations, 0.0 by chance alone; among them v3."
    )
    assert "v4" not in str(to_document(report))


def test_categories_that_die_by_chance_are_not_blamed():
    counts = [900, *[1] * 100]
    rng = np.random.default_rng(0)
    tables = [labels(counts)]
    for _ in range(2):
        tables.append(pd.DataFrame({"c": rng.choice(tables[-1]["c"], 1000)}))
    report = audit_series(tables[0], frames(*tables[1:]), checks=("category_decay",))
    values = one(report, "category_decay", "c", name="values")
    assert values.measure.value == pytest.approx(1.0, abs=0.25)
    assert values.grade in (Grade.PASS, Grade.INCONCLUSIVE)


def test_tables_that_move_away_are_told_and_siblings_are_not():
    real, *others = (people(ROWS, seed).drop(columns="id") for seed in range(5))
    still = audit_series(real, frames(*others[:3]), others[3], checks=("generation_distance",))
    assert one(still, "generation_distance").grade in (Grade.PASS, Grade.INCONCLUSIVE)
    moved = [
        frame.assign(score=frame["score"] + 5.0 * at, age=frame["age"] + 4 * at)
        for at, frame in enumerate(others[:3])
    ]
    report = audit_series(real, frames(*moved), others[3], checks=("generation_distance",))
    whole = one(report, "generation_distance")
    assert whole.grade is Grade.FAIL
    (result,) = report.results
    assert result.measures[1].measure.about in (("score",), ("age",))
    assert (
        result.result.summary["relative_drift_index"]
        > 2 * result.result.summary["relative_drift_index_first"]
    )


def test_a_group_that_shrinks_is_named():
    real, *others = (people(ROWS, seed).drop(columns="id") for seed in range(4))
    shrunk = [
        frame.assign(
            sex=frame["sex"].mask((frame["sex"] == "Female") & (np.arange(ROWS) % 10 < 2 * at), "Male")
        )
        for at, frame in enumerate(others, 1)
    ]
    options = {"target": "income", "sensitive": ("sex",), "checks": ("bias_over_generations",)}
    report = audit_series(real, frames(*shrunk), **options)
    female = one(report, "bias_over_generations", "sex", group="Female")
    assert female.measure.value == pytest.approx(0.4 ** (1 / 3), abs=0.03)
    assert female.grade is Grade.FAIL
    assert "sex = Female keeps" in female.measure.sentence
    still = audit_series(real, frames(*others), **options)
    assert not [f for f in still.findings if f.grade in (Grade.FAIL, Grade.WARN)]


def cloud(rows, seed, scale=1.0, width=6):
    rng = np.random.default_rng([9, seed])
    return pd.DataFrame(scale * rng.standard_normal((rows, width)), columns=[f"x{i}" for i in range(width)])


def test_likely_rows_drawn_too_often_are_told_by_recall():
    tables = frames(cloud(2000, 2, 0.7), cloud(2000, 3, 0.7))
    report = audit_series(cloud(2000, 0), tables, cloud(2000, 1), checks=("generation_quality",))
    first = one(report, "generation_quality", name="one_sided", group="1, gen1")
    assert first.grade in (Grade.WARN, Grade.FAIL)
    assert "likely rows are drawn too often" in first.measure.sentence
    (result,) = report.results
    assert result.result.summary["realism_first"] > 1
    assert result.result.summary["recall_first"] < 0.9
    assert one(report, "generation_quality").measure.baseline == 0


def test_a_setting_that_loses_in_both_is_told():
    noisy, good = cloud(1500, 2).sample(frac=1, random_state=0), cloud(1500, 3)
    noisy.iloc[:700] = np.random.default_rng(0).uniform(-6, 6, (700, 6))
    world = cloud(1500, 0), cloud(1500, 1)
    bad = audit_series(world[0], {"shipped": noisy, "other": good}, world[1], order="settings")
    lead = one(bad, "tradeoff")
    assert lead.grade is Grade.FAIL
    assert lead.measure.sentence.startswith("other beats the setting in use, shipped, in both")
    fine = audit_series(world[0], {"shipped": good, "other": noisy}, world[1], order="settings")
    assert one(fine, "tradeoff").grade is Grade.PASS
    assert [r.result.card.id for r in fine.results] == ["tradeoff"]
    (summary,) = [r.result.summary for r in fine.results]
    assert (summary["settings"], summary["undominated"]) == (2, 1)


def notices(report):
    return " ".join(notice.text for notice in report.notices)


def test_the_whole_is_a_report_like_any_other():
    real, a, b = (people(200, seed) for seed in range(3))
    report = audit_series(real, frames(a, b), sensitive=("sex",), fresh_share=(0.5, 0.2), loop="replace")
    validate(to_document(report))
    assert [r.result.card.family.value for r in report.results] == ["generations"] * len(report.results)
    assert one(report, "fresh_share").measure.value == 0.2
    assert report.provenance["series"]["tables"] == [
        {"name": "gen1", "rows": 200},
        {"name": "gen2", "rows": 200},
    ]
    assert "Without a holdout" in notices(report)


def test_one_table_is_no_series():
    real, a = (people(60, seed) for seed in range(2))
    with pytest.raises(OptionError, match="1 synthetic tables were given; a series has two or more"):
        audit_series(real, frames(a))
    with pytest.raises(
        InputError, match=r"Only 1 of 2 tables differ from the real one \(again hold its rows\)"
    ):
        audit_series(real, {"again": real, "gen1": a})
    with pytest.raises(OptionError, match="3 fresh shares are given for 2 generations"):
        audit_series(real, frames(a, a), fresh_share=(0.1, 0.2, 0.3))
    with pytest.raises(OptionError, match=r"The fresh share 1\.5 is no share"):
        audit_series(real, frames(a, a), fresh_share=(1.5,))


def test_odd_series_are_taken_and_said():
    real, a, b, c = (people(rows, seed) for seed, rows in enumerate((300, 300, 60, 300)))
    tables = {"gen0.csv": real, "gen3.csv": a, "gen1.csv": b, "gen7.csv": c.drop(columns="city")}
    report = audit_series(real, tables, checks=("variance_decay", "category_decay"))
    said = notices(report)
    assert (
        "gen0.csv holds exactly the rows of the real table: it is taken as generation 0 and left out" in said
    )
    assert "come in another order than the one given: gen3.csv, gen1.csv, gen7.csv" in said
    assert "hold from 60 to 300 rows" in said
    assert "city" not in {name for r in report.results for j in r.measures for name in j.measure.about}
    again = audit_series(real, {"gen1": a, "gen4": a}, checks=("variance_decay",))
    assert "gen4 holds the same rows as gen1" in notices(again)
    assert "some generations between gen1 and gen4 are missing" in notices(again)


def test_tables_without_common_columns_are_refused():
    with pytest.raises(InputError):
        audit_series(people(60, 0), frames(pd.DataFrame({"q": range(60)}), people(60, 1)))


def test_folders_bear_the_names_of_the_files():
    assert folder_names(["a/gen1.csv.gz", "gen1.parquet", "über gen.csv", "../x", "..."]) == [
        "gen1", "gen1-2", "über_gen", "x", "table"
    ]  # fmt: skip


def test_city_counts_stay_small():
    # what is kept of a table is counts, however many rows it has
    report = audit_series(
        *[people(500, 0), frames(people(500, 1), people(500, 2))], checks=("category_decay",)
    )
    assert f"of {len(CITIES)} values of city" in str(to_document(report))
