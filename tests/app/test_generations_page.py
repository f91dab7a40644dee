"""The Generations page: what a loop loses in words, tables and pictures; what one table alone can tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from audit.declare.options import Options
from audit.model import Grade, Report, Section
from audit.render import series_section, write_reports
from audit.run.run import audit_frames
from audit.run.series_run import audit_series
from audit.store import Runs
from pages.parts.runs.series_order import natural_key
from pages.parts.setup import launch
from pages.parts.setup.launch import options_of
from tests.app.conftest import OWNER
from tests.app.test_fidelity_pages import said
from tests.app.test_pages import open_page
from tests.render.example import build
from tests.worlds import people

PAGE = "pages/generations.py"
ROWS = 500
FOLLOWED = ("variance_decay", "category_decay", "generation_distance", "generation_quality")
ONE_TABLE = ("safe_mix", "contamination", "fresh_share", "projection")


def shrunk(at: int) -> Any:
    """A generation whose scores crowd together, and of whose cities two are gone from the second on."""
    frame = people(ROWS, at)
    frame["score"] = 60 + (frame["score"] - 60) * 0.7**at
    if at > 1:
        frame["city"] = frame["city"].where(~frame["city"].isin(["Demmin", "Erfurt"]), "Aachen")
    return frame


@cache
def looped() -> Report:
    """A loop of three generations that loses variance of one number and values of one category."""
    frames = {f"gen{at}.csv": shrunk(at) for at in (1, 2, 3)}
    asked = (*FOLLOWED, "bias_over_generations", "safe_mix", "fresh_share")
    return audit_series(
        people(ROWS, 0), frames, people(ROWS, 9), checks=asked, sensitive=("sex",), fresh_share=(0.1, 0.2, 0.3),
        loop="replace",
    )  # fmt: skip


@cache
def alone() -> Report:
    """One table."""
    return audit_frames(people(ROWS, 0), shrunk(1), checks=(*ONE_TABLE, *FOLLOWED))


@cache
def compared() -> Report:
    """Two settings of one generator, the second of which is better."""
    return audit_series(
        people(ROWS, 0), {"hot": shrunk(3), "cold": people(ROWS, 1)}, people(ROWS, 9), order="settings"
    )


def test_what_a_loop_loses_is_told_in_one_sentence_first(done: Callable[..., str]) -> None:
    app = open_page(PAGE, done(looped()))
    assert not app.exception
    text = said(app)
    grade, sentence = series_section.series_answer(looped())
    assert grade is Grade.FAIL
    assert sentence.startswith("This loop decays: after 3 generations")
    assert sentence in text
    for part in (
        "What does this loop do to the data?",
        "fresh real rows 10% · 20% · 30%, older rows are replaced",
        "Are rows still real, and still diverse?",
        "How far from real rows?",
        "What dies out?",
        "Values that die out",
        "Who disappears?",
        "How many synthetic rows does a loop bear?",
        "How real is what the loop is fed with?",
    ):
        assert part in text, part
    assert [one.value for one in app.markdown if "This loop decays" in one.value] == [app.markdown[2].value]


def test_every_table_stands_in_a_line(done: Callable[..., str]) -> None:
    app = open_page(PAGE, done(looped()))
    table = app.dataframe[0].value
    assert list(table["Table"]) == ["gen1.csv", "gen2.csv", "gen3.csv"]
    assert list(table["Rows"]) == [ROWS] * 3
    kept = [
        value
        for value in series_section.path_of(looped(), Section.VARIANCE_BY_GENERATION, "synthetic")[1:]
        if value is not None
    ]
    assert list(table["Variance left"]) == [round(100 * value, 3) for value in kept]
    assert kept == sorted(kept, reverse=True)
    labels = [button.proto.label for button in app.get("download_button")]
    assert {"Numbers (CSV)", "Values (CSV)", "Mixes (CSV)"} <= set(labels)


def test_columns_stand_worst_first_and_one_can_be_looked_at(done: Callable[..., str]) -> None:
    run = done(looped())
    worst = open_page(PAGE, run)
    columns = list(worst.dataframe[1].value["Column"])
    assert columns[0] == "score"
    assert set(columns) >= {"age", "city", "income"}
    assert "score keeps" in said(worst)
    other = open_page(PAGE, run, col="city")
    assert "city keeps" in said(other)
    assert "among them Demmin" in said(other)
    assert (
        "score keeps"
        not in said(other)
        .split("What dies out?")[1]
        .split("Values that die out")[0]
        .split("Categories keep")[-1]
    )


def test_values_that_are_gone_are_named_with_what_chance_would_take(done: Callable[..., str]) -> None:
    table = open_page(PAGE, done(looped())).dataframe[2].value
    gone = table[table["Now"] == "gone"]
    assert ("city", "Demmin") in set(zip(gone["Column"], gone["Value"], strict=True))
    # held by fewer than ten of the real rows here, so it is never named
    rare = people(ROWS, 0)["city"].value_counts()["Erfurt"]
    assert ("Erfurt" in set(table["Value"])) == (rare >= 10)


def test_one_table_alone_says_what_it_can_and_how_to_get_the_rest(done: Callable[..., str]) -> None:
    app = open_page(PAGE, done(alone()))
    assert not app.exception
    text = said(app)
    assert "This audit is of one table." in text
    assert "A projection, not a measurement" in text
    assert "Not judged: how many synthetic rows your loop mixes in was not stated." in text
    # what could not be told is said, and is not green
    assert "Which share of real rows the generator was trained on is not declared." in text
    results = {one.result.card.id: one.grade for one in alone().results}
    assert results["fresh_share"] is Grade.NOT_ASSESSABLE
    assert results["contamination"] is not Grade.PASS  # there is no holdout
    assert "What dies out?" not in text


def test_settings_are_held_against_each_other(done: Callable[..., str]) -> None:
    app = open_page(PAGE, done(compared()))
    assert not app.exception
    assert "Which setting of the generator should be used?" in said(app)
    table = app.dataframe[0].value.set_index("Table")
    assert "in use" in table.loc["hot", "Against the others"]
    assert table.loc["cold", "Against the others"].startswith("beaten by none")


def test_the_overview_of_a_loop_tells_of_the_loop(done: Callable[..., str]) -> None:
    app = open_page("pages/overview.py", done(looped()))
    assert not app.exception
    assert "What does this loop do to the data?" in said(app)
    assert "Can this synthetic table stand in" not in said(app)


def test_one_table_of_a_loop_can_be_looked_at_alone(done: Callable[..., str], store: Runs) -> None:
    told = series_section.series_findings(looped())
    tables = [{**one, "folder": f"gen{at}"} for at, one in enumerate(told["tables"], 1)]
    report = replace(looped(), provenance={**looped().provenance, "series": {**told, "tables": tables}})
    run = done(report)
    whole = open_page(PAGE, run)
    assert "choose_table" not in [box.key for box in whole.selectbox]  # none was kept by itself
    write_reports(build(), store.folder_of(run).table("gen2"))
    whole = open_page(PAGE, run)
    assert whole.selectbox(key="choose_table").options == ["all together", "gen2 alone"]
    labels = [button.proto.label for button in whole.get("download_button")]
    assert "gen2\\.csv (HTML)" in labels
    one = open_page("pages/columns.py", run, table="gen2")
    assert not one.exception
    assert len(one.dataframe[0].value) == len(build().columns)
    again = open_page(PAGE, run, table="gen2")
    assert "What does this loop do to the data?" not in said(again)
    unknown = open_page(PAGE, run, table="../../x")
    assert not unknown.exception
    assert "What does this loop do to the data?" in said(unknown)


def test_a_report_without_generations_says_so(done: Callable[..., str]) -> None:
    kept = tuple(one for one in build().results if one.result.card.family.value != "generations")
    app = open_page(PAGE, done(replace(build(), results=kept)))
    assert not app.exception
    assert "No check of generations was run." in said(app)


def seen(app: AppTest) -> str:
    """What the page says, warnings too."""
    warned = "\n".join(str(one.value) for one in app.warning)
    return said(app) + warned.replace("\\", "").replace("\u2060", "")


def csv(frame: Any) -> bytes:
    return frame.to_csv(index=False).encode()


@pytest.fixture
def asked_for(store: Runs, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The files and the options as they stand where the page offers to run."""
    told: list[Any] = []

    def offered(uploads: Any, *others: Any, ready: bool) -> None:
        assert ready
        told[:] = [uploads, others[-1]]

    monkeypatch.setattr(launch, "draw_button", offered)
    return told


def test_a_loop_is_set_up_from_its_files(store: Runs, asked_for: list[Any]) -> None:
    app = open_page("pages/setup.py", series="generations")
    assert "at least two synthetic tables" in seen(app)
    app.file_uploader(key="upload_real").upload("real.csv", csv(people(60, 0))).run()
    files = [(f"gen{at}.csv", csv(people(60, at)), "text/csv") for at in (10, 2, 1)]
    app.file_uploader(key="upload_series").set_value(files).run()
    assert not app.exception
    text = seen(app)
    assert text.index("1** · gen1.csv") < text.index("2** · gen2.csv") < text.index("3** · gen10.csv")
    assert "Sorted by name (2 before 10)" in text
    assert "some generations between gen1.csv and gen10.csv are missing" in text
    assert "Without a holdout" in text
    down = next(button for button in app.button if button.help == "Move gen1\\.csv down")
    down.click().run()
    assert seen(app).index("gen2.csv") < seen(app).index("gen1.csv")
    assert "come in another order than the one given: gen2.csv, gen1.csv, gen10.csv" in seen(app)
    fresh = next(radio for radio in app.radio if radio.label.startswith("How much fresh real data"))
    fresh.set_value("one for each").run()
    shares = [box for box in app.number_input if box.label.startswith("Share of fresh real rows")]
    assert [box.value for box in shares] == [50.0] * 3
    shares[2].set_value(10.0).run()
    next(box for box in app.selectbox if box.label.startswith("What happens")).set_value("replace").run()
    run = store.submit(options_of(*asked_for), OWNER, asked_for[0], "key")
    request = store.folder_of(run).request
    asked = Options.from_json(request.read_text(encoding="utf-8"))
    assert (asked.order, asked.fresh_share, asked.loop) == ("generations", (0.5, 0.5, 0.1), "replace")
    assert [asked.names[f"synthetic{at}"] for at in (1, 2, 3)] == ["gen2.csv", "gen1.csv", "gen10.csv"]  # type: ignore[index]
    assert asked.synthetic == asked.series[-1]
    held = [Path(path).read_bytes() for path in asked.series]
    assert held == [csv(people(60, at)) for at in (2, 1, 10)]


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ([0, 1], "Only 1 of 2 tables differ from the real one (gen0.csv hold its rows)"),
        ([1, 1], "gen1.csv holds the same rows as gen1.csv: is it there twice?"),
    ],
)
def test_files_that_are_no_loop_are_told_before_anything_runs(
    store: Runs, tables: list[int], told: str
) -> None:
    app = open_page("pages/setup.py", series="generations")
    app.file_uploader(key="upload_real").upload("real.csv", csv(people(60, 0))).run()
    files = [(f"gen{at}.csv", csv(people(60, at)), "text/csv") for at in tables]
    app.file_uploader(key="upload_series").set_value(files).run()
    assert told in seen(app)
    assert ("run_audit" in [button.key for button in app.button]) == (tables == [1, 1])


def test_one_table_can_be_asked_with_its_loop_costs_and_batches(asked_for: list[Any]) -> None:
    app = open_page("pages/setup.py")
    app.file_uploader(key="upload_real").upload("real.csv", csv(people(60, 0))).run()
    batched = people(60, 1).assign(batch=1)
    app.file_uploader(key="upload_synthetic").upload("synthetic.csv", csv(batched)).run()
    next(radio for radio in app.radio if "fresh real data" in radio.label).set_value("the same for all").run()
    next(box for box in app.number_input if box.label == "What a real row costs").set_value(2.0).run()
    next(box for box in app.selectbox if box.label.startswith("Batch column")).set_value("batch").run()
    asked = options_of(*asked_for)
    assert (asked.fresh_share, asked.cost_real, asked.batch) == ((0.5,), 2.0, "batch")
    assert asked.series == ()


def test_names_are_sorted_as_people_do() -> None:
    names = ["gen10.csv", "gen2.csv", "Gen1.csv", "final.csv", "3.csv"]
    assert sorted(names, key=natural_key) == ["3.csv", "final.csv", "Gen1.csv", "gen2.csv", "gen10.csv"]
