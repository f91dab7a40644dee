"""Runs on disk: found again, never mixed, ended cleanly, honest after a crash."""

from __future__ import annotations

import fcntl
import os
import time
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from audit.declare.options import Options
from audit.errors import StoreError
from audit.render import write_reports
from audit.store import Runs, State, content_key, is_id, new_id
from audit.store.process import is_alive
from tests.render.example import build

OPTIONS = Options(real="r.csv", synthetic="s.csv", names={"real": "r.csv", "synthetic": "s.csv"})


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    monkeypatch.setenv("SDA_WORKERS", "0")
    return Runs(tmp_path / "runs")


def finish(runs: Runs, run_id: str) -> None:
    report = replace(build(), id=run_id)
    write_reports(report, runs.folder_of(run_id).path)
    runs.finish(run_id, report)


def wait_for_end(runs: Runs, run_id: str, seconds: float = 60) -> State:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        run = runs.get(run_id)
        assert run is not None
        if not run.state.is_open:
            return run.state
        time.sleep(0.05)
    raise AssertionError("the run did not end")


def test_ids_are_long_random_and_all_different() -> None:
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(is_id(one) for one in ids)


@pytest.mark.parametrize(
    "bad", ["", "..", "../../etc", "a" * 31, "A" * 32, "a" * 33, "/etc/passwd", "a" * 32 + "\n"]
)
def test_an_id_from_outside_is_never_a_path(runs: Runs, bad: str) -> None:
    assert runs.get(bad) is None
    with pytest.raises(StoreError):
        runs.folder_of(bad)


def test_folders_are_private(runs: Runs) -> None:
    run_id = runs.submit(OPTIONS, "ann", {}, "key")
    for path in (runs.folder, runs.folder_of(run_id).path, runs.folder_of(run_id).uploads):
        assert path.stat().st_mode & 0o077 == 0


def test_a_visitor_sees_only_the_runs_it_made(runs: Runs) -> None:
    mine, other = runs.submit(OPTIONS, "ann", {}, "1"), runs.submit(OPTIONS, "bob", {}, "1")
    assert [run.id for run in runs.recent("ann")] == [mine]
    assert [run.id for run in runs.recent("bob")] == [other]
    assert runs.get(other) is not None  # whoever holds the link may look


def test_the_same_audit_of_the_same_visitor_is_not_measured_again(runs: Runs) -> None:
    first = runs.submit(OPTIONS, "ann", {}, "key")
    assert runs.submit(OPTIONS, "ann", {}, "key") == first
    finish(runs, first)
    assert runs.submit(OPTIONS, "ann", {}, "key") == first
    assert runs.submit(OPTIONS, "ann", {}, "other key") != first


def test_a_failed_audit_is_tried_again(runs: Runs) -> None:
    first = runs.submit(OPTIONS, "ann", {}, "key")
    runs.fail(first)
    assert runs.submit(OPTIONS, "ann", {}, "key") != first


def test_the_key_follows_contents_and_options_and_ignores_paths() -> None:
    digests = {"real": "1", "synthetic": "2"}
    key = content_key(OPTIONS, digests)
    assert content_key(replace(OPTIONS, real="elsewhere.csv"), digests) == key
    assert content_key(replace(OPTIONS, seed=1), digests) != key
    assert content_key(OPTIONS, digests | {"real": "3"}) != key


def test_the_queue_of_one_visitor_is_bounded(runs: Runs) -> None:
    for key in "abc":
        runs.submit(OPTIONS, "ann", {}, key)
    with pytest.raises(StoreError, match="3 of your audits are under way"):
        runs.submit(OPTIONS, "ann", {}, "d")
    assert runs.submit(OPTIONS, "bob", {}, "d")


def test_the_place_in_the_queue_counts_those_before(runs: Runs) -> None:
    ids = [runs.submit(OPTIONS, owner, {}, owner) for owner in ("ann", "bob", "cas")]
    places = [runs.place(run) for run in map(runs.get, ids) if run]
    assert places == [0, 1, 2]


def test_only_the_owner_cancels_or_deletes(runs: Runs) -> None:
    run_id = runs.submit(OPTIONS, "ann", {}, "key")
    assert not runs.cancel(run_id, "bob")
    assert not runs.delete(run_id, "bob")
    assert runs.cancel(run_id, "ann")
    assert not runs.cancel(run_id, "ann")
    folder = runs.folder_of(run_id).path
    assert runs.delete(run_id, "ann")
    assert not folder.exists()
    assert runs.get(run_id) is None


def test_a_run_whose_worker_is_gone_becomes_interrupted(runs: Runs) -> None:
    run_id = runs.submit(OPTIONS, "ann", {}, "key")
    folder = runs.folder_of(run_id)
    (folder.uploads / "real").write_text("someone's row")
    runs._change(run_id, state=State.RUNNING.value)
    with folder.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert is_alive(folder)
        runs.recover()
        alive = runs.get(run_id)
        assert alive is not None and alive.state is State.RUNNING
    Runs(runs.folder).recover()
    gone = runs.get(run_id)
    assert gone is not None and gone.state is State.INTERRUPTED
    assert not (folder.path / "uploads").exists()


def test_uploads_keep_no_name_on_disk_and_go_when_asked(runs: Runs) -> None:
    draft = new_id()
    upload = runs.drafts.save(draft, "../../../evil.csv", BytesIO(b"a\n1\n"))
    assert upload.path.parent == runs.folder / "drafts" / draft
    assert "evil" not in upload.path.name
    assert (upload.bytes, upload.path.read_bytes()) == (4, b"a\n1\n")
    run_id = runs.submit(OPTIONS, "ann", {"real": upload}, "key")
    handed = Options.from_json(runs.folder_of(run_id).request.read_text()).real
    assert Path(handed).read_bytes() == b"a\n1\n"
    runs.drafts.clear(draft)
    assert not upload.path.exists()
    assert Path(handed).exists()  # the run has its own name for the bytes
    runs.cancel(run_id, "ann")
    assert not Path(handed).exists()


def test_old_drafts_are_purged(runs: Runs) -> None:
    upload = runs.drafts.save(new_id(), "real.csv", BytesIO(b"a"))
    os.utime(upload.path.parent, (0, 0))
    runs.recover()
    assert not upload.path.exists()


def test_an_upload_that_is_gone_is_said(runs: Runs) -> None:
    upload = runs.drafts.save(new_id(), "real.csv", BytesIO(b"a"))
    upload.path.unlink()
    with pytest.raises(StoreError, match=r"The upload 'real.csv' is no longer here. Upload the file again."):
        runs.submit(OPTIONS, "ann", {"real": upload}, "key")


def test_a_worker_tells_of_input_that_cannot_be_audited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDA_WORKERS", "1")
    runs = Runs(tmp_path / "runs")
    run_id = runs.submit(replace(OPTIONS, real=str(tmp_path / "absent.csv")), "ann", {}, "key")
    assert wait_for_end(runs, run_id) is State.FAILED
    assert (
        "absent.csv" in runs.folder_of(run_id).error()["message"]
        or "r.csv" in runs.folder_of(run_id).error()["message"]
    )


def test_cancelling_ends_the_worker_within_two_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDA_WORKERS", "1")
    runs = Runs(tmp_path / "runs")
    real = tmp_path / "real.csv"
    real.write_text("a,b\n" + "".join(f"{row},{row % 7}\n" for row in range(200_000)))
    run_id = runs.submit(replace(OPTIONS, real=str(real), synthetic=str(real)), "ann", {}, "key")
    folder = runs.folder_of(run_id)
    until = time.monotonic() + 30
    while not folder.progress() and time.monotonic() < until:
        time.sleep(0.05)
    begun = time.monotonic()
    assert runs.cancel(run_id, "ann")
    assert time.monotonic() - begun < 2
    assert not is_alive(folder)
    cancelled = runs.get(run_id)
    assert cancelled is not None and cancelled.state is State.CANCELLED
    assert not (folder.path / "scratch").exists()


def test_secrets_that_rows_can_be_tested_with_go_when_the_run_ends(runs: Runs) -> None:
    asked = replace(OPTIONS, salt="a word of seventeen", purpose="sharing")
    run_id = runs.submit(asked, "ann", {}, "key")
    request = runs.folder_of(run_id).request
    assert Options.from_json(request.read_text(encoding="utf-8")).salt == asked.salt
    assert runs.cancel(run_id, "ann")
    assert asked.salt not in request.read_text(encoding="utf-8")
    assert Options.from_json(request.read_text(encoding="utf-8")).purpose == "sharing"
