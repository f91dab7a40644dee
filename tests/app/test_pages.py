"""Every page in every state of a run: it opens inside the frame and says what is the matter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from audit.store import Runs
from pages.parts.base.router import PLACES

ROOT = Path(__file__).resolve().parents[2]
NEEDS_RUN = [place.file for place in PLACES if place.path not in ("setup", "method")]
SAYS = {
    "none": "Can this synthetic table stand in for the real one?",
    "unknown": "This run is not here",
    "queued": "Measuring",
    "running": "Measuring",
    "failed": "This audit could not be done",
    "cancelled": "This audit was cancelled",
    "interrupted": "This audit was interrupted",
}


def open_page(file: str, run: str = "", **query: str) -> AppTest:
    """A page as a browser opens it by its address."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, value in (({"run": run} if run else {}) | query).items():
        app.query_params[key] = value
    return app.switch_page(file).run()


def texts(app: AppTest) -> str:
    parts = [*app.title, *app.subheader, *app.markdown, *app.caption, *app.error, *app.info, *app.text]
    return "\n".join(str(part.value) for part in parts)


@pytest.mark.parametrize("state", SAYS)
@pytest.mark.parametrize("file", NEEDS_RUN)
def test_a_page_without_a_report_says_where_the_run_stands(
    file: str, state: str, in_state: Callable[[str], str]
) -> None:
    app = open_page(file, in_state(state))
    assert not app.exception
    assert [title.value for title in app.title] == [SAYS[state]]


@pytest.mark.parametrize("file", [place.file for place in PLACES])
def test_a_page_of_a_finished_run_opens_in_the_frame(file: str, done: Callable[..., str]) -> None:
    app = open_page(file, done())
    assert not app.exception
    assert app.selectbox(key="pick_run").value
    assert "not here" not in texts(app)


@pytest.mark.parametrize("state", SAYS)
@pytest.mark.parametrize("file", ["pages/setup.py", "pages/method.py"])
def test_a_page_that_needs_no_run_opens_whatever_the_run_is(
    file: str, state: str, in_state: Callable[[str], str]
) -> None:
    app = open_page(file, in_state(state))
    assert not app.exception
    assert [title.value for title in app.title] == ["New audit" if "setup" in file else "Method"]


def test_two_visitors_see_only_their_own_runs_unless_they_hold_the_link(done: Callable[..., str]) -> None:
    run_id = done()
    stranger = open_page("pages/overview.py")
    assert [box.key for box in stranger.selectbox] == []
    holder = open_page("pages/overview.py", run_id)
    assert holder.selectbox(key="pick_run").value == run_id
    assert "delete_run" not in [button.key for button in open_page("pages/report.py", run_id).button]


def test_own_files_are_looked_at_before_they_can_be_run(store: Runs) -> None:
    rows = "".join(f"{20 + row % 50},{'mf'[row % 2]},{row % 3}\n" for row in range(300))
    app = open_page("pages/setup.py")
    for role in ("real", "synthetic"):
        assert "run_audit" not in [button.key for button in app.button]
        app.file_uploader(key=f"upload_{role}").upload(f"{role}.csv", f"age,sex,grade\n{rows}".encode()).run()
    assert not app.exception
    assert "300 rows × 3 columns" in texts(app)
    # What looks protected is offered, and chosen only when it is ticked.
    assert "**Sensitive groups** none" in texts(app)
    offered = {box.label: box for box in app.checkbox if "its name says sex" in box.label}
    assert [box.value for box in offered.values()] == [False]
    next(iter(offered.values())).check().run()
    assert "**Sensitive groups** sex" in texts(app)
    ages = next(box for box in app.checkbox if "named like an age" in box.label)
    ages.check().run()
    bands = next(box for box in app.text_input if box.label == "Bands of age")
    bands.set_value("45, 25").run()
    assert "not in increasing order" in texts(app)
    assert app.button(key="run_audit").disabled
    next(box for box in app.text_input if box.label == "Bands of age").set_value("25, 45").run()
    assert not app.button(key="run_audit").disabled
    stored_names = [path.name for path in (store.folder / "drafts").rglob("*") if path.is_file()]
    assert len(stored_names) == 2
    assert not any("real" in name or "synthetic" in name for name in stored_names)
