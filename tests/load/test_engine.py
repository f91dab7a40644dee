"""The engine reaches its folder and nothing else, and nobody can open it again."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from audit.errors import OptionError
from audit.load.engine import connect, literal, pattern, scan
from tests.load.conftest import Reader

HOSTILE = {
    "another file": "SELECT * FROM read_csv('{outside}/secret.csv')",
    "a file by FROM": "SELECT * FROM '{outside}/secret.csv'",
    "text of a system file": "SELECT content FROM read_text('/etc/hostname')",
    "bytes of a system file": "SELECT content FROM read_blob('/etc/hostname')",
    "listing": "SELECT * FROM glob('{outside}/*')",
    "sniffing": "SELECT * FROM sniff_csv('{outside}/secret.csv')",
    "writing": "COPY (SELECT 1) TO '{outside}/out.csv'",
    "attaching": "ATTACH '{outside}/x.db' AS x",
    "exporting": "EXPORT DATABASE '{outside}/exp'",
    "installing": "INSTALL httpfs",
    "loading": "LOAD httpfs",
    "network": "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')",
    "environment": "SELECT getenv('DUCK_CANARY')",
    "python variable": "SELECT * FROM local_frame",
    "python variable by name": "SELECT * FROM query_table('local_frame')",
    "secret": "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "opening access": "SET enable_external_access = true",
    "more folders": "SET allowed_directories = ['/']",
    "more paths": "SET allowed_paths = ['/etc/hostname']",
    "more memory": "SET memory_limit = '100GB'",
    "more threads": "SET threads = 64",
    "python variables again": "SET python_enable_replacements = true",
    "out by dots": "SELECT * FROM read_csv('{inside}/../secret.csv')",
    "out by a link": "SELECT * FROM read_csv('{inside}/link.csv')",
    "metadata": "SELECT * FROM parquet_metadata('{outside}/secret.csv')",
    "unlocking": "SET lock_configuration = false",
}


@pytest.mark.parametrize("attempt", HOSTILE)
def test_hostile_sql_is_refused(tmp_path: Path, attempt: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUCK_CANARY", "secret")
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.csv").write_text("a\nsecret\n")
    (inside / "link.csv").symlink_to(tmp_path / "secret.csv")
    local_frame = {"v": ["secret"]}
    connection = connect(inside)
    with pytest.raises(duckdb.Error):
        connection.execute(HOSTILE[attempt].format(outside=tmp_path, inside=inside)).fetchall()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["inside", "secret.csv"]
    assert local_frame
    connection.close()


def test_its_own_folder_is_open_and_time_is_utc(tmp_path: Path) -> None:
    (tmp_path / "ok.csv").write_text("a\n1\n")
    connection = connect(tmp_path, "200MB", 1)
    assert connection.execute(f"SELECT a FROM read_csv({literal(str(tmp_path / 'ok.csv'))})").fetchone() == (
        1,
    )
    settings = "current_setting('TimeZone'), current_setting('threads'), current_setting('memory_limit')"
    assert connection.execute(f"SELECT {settings}").fetchone() == ("UTC", 1, "190.7 MiB")
    connection.close()


def test_what_outgrows_memory_spills_into_the_folder_or_is_refused(tmp_path: Path) -> None:
    connection = connect(tmp_path, "60MB", 1)
    query = "SELECT count(*) FROM (SELECT i, md5(i::VARCHAR) FROM range(1500000) t(i) ORDER BY 2)"
    assert connection.execute(query).fetchone() == (1_500_000,)
    connection.close()


@pytest.mark.parametrize(("memory", "threads"), [("a lot", None), ("4GB", 0)])
def test_settings_that_cannot_be_used(tmp_path: Path, memory: str, threads: int | None) -> None:
    with pytest.raises(OptionError) as refused:
        connect(tmp_path, memory, threads)
    assert str(refused.value) == (
        f"The memory limit {memory!r} with {threads!r} threads cannot be used. "
        "Write the memory as a number and a unit, such as 4GB, and at least one thread."
    )


def test_paths_with_signs_of_sql_and_globs_are_one_file(tmp_path: Path, read: Reader) -> None:
    folder = tmp_path / "a'b[1]*?"
    folder.mkdir()
    (folder / "x.csv").write_text("a\n1\n")
    connection = connect(folder)
    assert connection.execute(f"SELECT * FROM read_csv({pattern(folder / 'x.csv')})").fetchall() == [(1,)]
    connection.close()


def test_scan_is_lazy_and_counts_rows_from_one(read: Reader) -> None:
    table = read("a,b\n5,x\n6,y\n")
    connection = connect(table.path.parent)
    frame = scan(connection, table)
    assert frame.collect_schema().names() == ["c0", "c1", "row"]
    assert frame.sort("row").collect().rows() == [(5, "x", 1), (6, "y", 2)]
    connection.close()
