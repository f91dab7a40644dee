"""The reading process: whatever becomes of it, the parent lives and says which file it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from audit.errors import InputError, LimitError
from audit.load import Limits, load_files, process as reading

CSV = "a,b\n" + "1,x\n2,y\n" * 20


@pytest.fixture
def two(tmp_path: Path) -> dict[str, Path]:
    paths = {"real": tmp_path / "r.csv", "synthetic": tmp_path / "s.csv"}
    for path in paths.values():
        path.write_text(CSV)
    return paths


def test_files_are_read_in_order_and_leave_nothing_but_tables(two: dict[str, Path], tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    before = {path: path.read_bytes() for path in two.values()}
    tables = load_files(two, scratch, names={"real": "../../up\nload.csv"})
    assert list(tables) == ["real", "synthetic"]
    assert tables["real"].facts.name == "../../up\nload.csv"
    assert tables["synthetic"].facts.name == "s.csv"
    assert {path: path.read_bytes() for path in two.values()} == before
    assert sorted(path.name for path in scratch.glob("*.parquet")) == ["real.parquet", "synthetic.parquet"]
    assert not list(scratch.glob("*.txt")) + list(scratch.glob("*.unpacked"))


def test_the_second_file_is_named_where_it_is_the_bad_one(two: dict[str, Path], tmp_path: Path) -> None:
    two["synthetic"].write_bytes(b"%PDF-1.7")
    with pytest.raises(InputError) as refused:
        load_files(two, tmp_path)
    assert refused.value.message == "s.csv: this is a PDF document and not a table."
    assert refused.value.where == "synthetic"


def test_too_little_time_is_said(two: dict[str, Path], tmp_path: Path) -> None:
    with two["real"].open("w") as file:
        file.write("a,b\n" + "1,x\n" * 4_000_000)
    with pytest.raises(LimitError) as refused:
        load_files(two, tmp_path, Limits(seconds=1))
    assert str(refused.value) == (
        "r.csv: reading the file took longer than the limit of 1 seconds. Audit a sample of the rows."
    )


def test_too_little_memory_is_said(two: dict[str, Path], tmp_path: Path) -> None:
    with two["real"].open("w") as file:
        file.write("a,b\n" + "".join(f"{n},{n}{'x' * 200}\n" for n in range(200_000)))
    with pytest.raises(LimitError) as refused:
        load_files(two, tmp_path, Limits(engine_memory="20MB", unpacked_bytes=1 << 22))
    assert refused.value.message.startswith("r.csv: ")


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_a_reader_that_is_killed_costs_the_file_not_the_parent(
    two: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    _put_in_place(tmp_path, f"import os\nos.kill(os.getpid(), {int(number)})\n")
    monkeypatch.setattr(reading, "_PACKAGE", tmp_path)
    with pytest.raises(InputError) as refused:
        load_files(two, tmp_path)
    assert refused.value.message in (
        f"r.csv: the file is damaged or written in a way that stops its reader ({signal.Signals(number).name}).",
        "r.csv: reading the file needs more memory than there is.",
    )
    assert isinstance(refused.value, LimitError) == (number == signal.SIGKILL)


def test_an_address_is_refused_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        load_files({"real": Path("postgresql://me:secret@host/db?table=t")}, tmp_path)
    assert str(refused.value) == (
        "The real table: addresses such as postgresql: are not read by this version, only files. "
        "Export the table, best as parquet, and give its path."
    )


def _put_in_place(folder: Path, program: str) -> None:
    """A real process in place of the reader, that ends as a crashed one does."""
    script = folder / "audit" / "load"
    script.mkdir(parents=True)
    (folder / "audit" / "__init__.py").write_text("")
    (script / "__init__.py").write_text("")
    (script / "child.py").write_text(program)


def test_a_crash_leaves_no_value_in_the_log_or_the_message(
    two: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _put_in_place(tmp_path, "raise ValueError('Jane Doe, 4711')\n")
    monkeypatch.setattr(reading, "_PACKAGE", tmp_path)
    with pytest.raises(InputError) as refused:
        load_files(two, tmp_path)
    assert refused.value.message == (
        "r.csv: the file is damaged or written in a way that stops its reader (ValueError)."
    )
    assert "child.py:1" in caplog.text
    assert "Jane" not in caplog.text


def test_the_reader_ends_with_its_parent(two: dict[str, Path], tmp_path: Path) -> None:
    with two["real"].open("w") as file:
        file.write("a,b\n" + "1,x\n" * 6_000_000)
    code = (
        "import sys\nfrom pathlib import Path\nfrom audit.load import load_files\n"
        f"load_files({{'real': Path({str(two['real'])!r})}}, Path({str(tmp_path)!r}))\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[2])
    child = _child_of(parent.pid)
    parent.kill()
    parent.wait()
    for _ in range(100):
        if not Path(f"/proc/{child}").exists() or _state(child) == "Z":
            return
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    pytest.fail("the reading process outlived its parent")


def _child_of(pid: int) -> int:
    for _ in range(200):
        children = Path(f"/proc/{pid}/task/{pid}/children")
        found = children.read_text().split() if children.exists() else []
        if found and b"audit.load.child" in Path(f"/proc/{found[0]}/cmdline").read_bytes():
            time.sleep(0.5)
            return int(found[0])
        time.sleep(0.05)
    pytest.skip("the children of a process cannot be listed here")


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def test_the_reader_starts_without_pandas_and_friends() -> None:
    code = (
        "import sys, audit.load.child\n"
        "print([n for n in ('pandas', 'pyarrow', 'sklearn', 'scipy', 'streamlit', 'evidently') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=True,
    )
    assert done.stdout.strip() == "[]"
