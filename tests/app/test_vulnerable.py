"""Who is given away: told to the owner of the run alone, and only when asked."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from audit.declare.options import Options
from audit.model import VULNERABLE_RECORDS
from audit.render import write_reports
from audit.run.run import audit_frames
from audit.store import Runs
from tests.app.test_pages import ROOT
from tests.worlds import siblings

ME = "an-owner"
OWNER = hashlib.sha256(b"visitor" + ME.encode()).hexdigest()
FILE = "# with the secret abc\nrecord,why\n0123,stands out\n"


@pytest.fixture(scope="module")
def report():
    return audit_frames(*siblings(300).frames().values(), checks=("copied_rows",))


def page(store: Runs, report, who: str, file: str) -> AppTest:
    names = {"real": "real.csv", "synthetic": "synthetic.csv"}
    run = store.submit(Options(real="r.csv", synthetic="s.csv", names=names), OWNER, {}, "key")
    write_reports(replace(report, id=run), store.folder_of(run).path)
    store.finish(run, replace(report, id=run))
    if file:
        (store.folder_of(run).path / VULNERABLE_RECORDS).write_text(file, encoding="utf-8")
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params["run"] = run
    app.session_state["_visitor"] = who
    return app.switch_page("pages/privacy.py").run()


def offered(app: AppTest) -> set[str]:
    assert not app.exception
    keys = {one.key for one in (*app.button, *app.get("download_button"))}
    return keys & {"ask_vulnerable", "download_vulnerable"}


def test_the_owner_must_ask(store: Runs, report) -> None:
    app = page(store, report, ME, FILE)
    assert offered(app) == {"ask_vulnerable"}
    app.button(key="ask_vulnerable").click().run()
    assert offered(app) == {"download_vulnerable"}


@pytest.mark.parametrize(("who", "file"), [("somebody-else", FILE), (ME, ""), (ME, "# secret\nrecord,why\n")])
def test_others_are_offered_nothing_nor_is_an_empty_file(store: Runs, report, who: str, file: str) -> None:
    assert offered(page(store, report, who, file)) == set()
