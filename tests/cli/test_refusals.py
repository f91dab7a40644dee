"""Bad input: never a traceback; exit code 2, the file and the next step in words, nothing written."""

from __future__ import annotations

import gzip
import json
import struct
import zlib

import numpy as np
import pandas as pd
import pytest

GOOD = "age,sex\n" + "".join(f"{20 + i % 50},{'fm'[i % 2]}\n" for i in range(60))


def picture():
    def part(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + part(b"IHDR", header)
        + part(b"IDAT", zlib.compress(b"\0" * 20))
        + part(b"IEND", b"")
    )


def truncated_parquet(folder):
    pd.DataFrame({"age": range(1000)}).to_parquet(folder / "whole.parquet")
    return (folder / "whole.parquet").read_bytes()[:-200]


REFUSED = {
    "empty file": ("real.csv", lambda f: b""),
    "header only": ("real.csv", lambda f: b"age,sex\n"),
    "a picture named csv": ("real.csv", lambda f: picture()),
    "a truncated parquet": ("real.parquet", truncated_parquet),
    "a gz that is not one": ("real.csv.gz", lambda f: b"\x1f\x8b" + bytes(range(256)) * 20),
    "a cut gz": ("real.csv.gz", lambda f: gzip.compress(GOOD.encode() * 50)[:-40]),
    "no common column": ("real.csv", lambda f: b"weight,height\n" + b"1,2\n3,4\n" * 30),
    "all cells empty": ("real.csv", lambda f: b"age,sex\n" + b",\n" * 60),
    "a zip bomb of zeros": ("real.csv.gz", lambda f: gzip.compress(b"\0" * 50_000_000)),
}


def run(here, folder, real, *more):
    (folder / "synthetic.csv").write_text(GOOD, encoding="utf-8")
    return here(
        "run",
        "--real",
        folder / real,
        "--synthetic",
        folder / "synthetic.csv",
        "--quiet",
        "--out",
        folder / "out",
        *more,
    )


def assert_refused(answer, folder, *words):
    assert answer.code == 2
    assert answer.out == ""
    assert "Traceback" not in answer.err
    assert answer.err.count("\n") == 1  # one paragraph
    for word in words:
        assert word in answer.err
    assert [path.name for path in (folder / "out").iterdir()] == ["error.json"]
    told = json.loads((folder / "out" / "error.json").read_text(encoding="utf-8"))
    assert told["message"]
    assert told["hint"]
    assert f"{told['message']} {told['hint']}" in answer.err


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_used_is_refused_with_its_name(case, here, tmp_path):
    name, make = REFUSED[case]
    (tmp_path / name).write_bytes(make(tmp_path))
    assert_refused(run(here, tmp_path, name), tmp_path, name)


def test_a_file_that_is_not_there(here, tmp_path):
    assert_refused(run(here, tmp_path, "none.csv"), tmp_path, "none.csv")


def test_a_folder_is_no_file(here, tmp_path):
    (tmp_path / "real").mkdir()
    assert_refused(run(here, tmp_path, "real"), tmp_path, "real")


@pytest.mark.parametrize(
    ("option", "word"),
    [
        (("--target=agee",), "Did you mean 'age'?"),
        (("--sensitive=zzz",), "Known columns: age, sex."),
        (("--check=column_shape",), "Did you mean 'column_shapes'?"),
        (("--family=fidelty",), "Did you mean 'fidelity'?"),
        (("--policy=none.toml",), "There is no policy file 'none.toml'."),
        (("--schema=none.json",), "There is no file 'none.json'."),
        (("--engine=spark",), "Use --engine duckdb."),
        (("--seed=-1",), "The option seed is -1."),
        (("--threads=-2",), "The option threads is -2."),
        (("--memory-limit=lots",), "The memory limit 'lots'"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(option, word, here, tmp_path):
    (tmp_path / "real.csv").write_text(GOOD, encoding="utf-8")
    assert_refused(run(here, tmp_path, "real.csv", *option), tmp_path, word)


def test_a_policy_that_contradicts_itself_is_refused(here, tmp_path):
    (tmp_path / "real.csv").write_text(GOOD, encoding="utf-8")
    path = tmp_path / "p.toml"
    path.write_text('extends = "analytics"\n[checks.too_good]\nwarn = 0.5\nfail = 0.6\n', encoding="utf-8")
    answer = run(here, tmp_path, "real.csv", f"--policy={path}")
    assert_refused(answer, tmp_path, "too_good: fail = 0.6 is milder than warn = 0.5.")


@pytest.mark.parametrize(
    "content", ["[1]", "{}", '{"columns": [3]}', "no json", '{"columns": [{"name": "q"}]}']
)
def test_a_schema_that_is_none_is_refused(content, here, tmp_path):
    (tmp_path / "real.csv").write_text(GOOD, encoding="utf-8")
    (tmp_path / "s.json").write_text(content, encoding="utf-8")
    assert_refused(run(here, tmp_path, "real.csv", f"--schema={tmp_path / 's.json'}"), tmp_path)


def test_an_out_that_is_a_file_is_refused_before_anything_is_read(here, tmp_path):
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    answer = here("run", "--real=none", "--synthetic=none", "--out", tmp_path / "out")
    assert answer.code == 2
    assert "is a file, not a folder. Choose another folder for --out." in answer.err
    assert (tmp_path / "out").read_text(encoding="utf-8") == "mine"


def test_what_the_last_try_left_goes_when_a_run_succeeds(here, tmp_path):
    run(here, tmp_path, "none.csv")
    (tmp_path / "real.csv").write_text(GOOD, encoding="utf-8")
    answer = run(here, tmp_path, "real.csv", "--check=types")
    assert answer.code in (0, 1, 3)
    assert "error.json" not in [path.name for path in (tmp_path / "out").iterdir()]


def frame(**columns):
    return pd.DataFrame(columns).to_csv(index=False)


ROWS = 60
RNG = np.random.default_rng(0)
ODD = {
    "one row": "age,sex\n31,f\n",
    "duplicate and empty column names": "age,age,,sex\n" + "1,2,3,f\n4,5,6,m\n" * 30,
    "a column without values": "age,sex,gone\n" + "".join(f"{i},{'fm'[i % 2]},\n" for i in range(ROWS)),
    "infinities": "age,sex\n" + "inf,f\n-inf,m\n3,f\nnan,m\n" * 20,
    "integers beyond 64 bits": "age,sex\n" + "".join(f"{10**25 + i},{'fm'[i % 2]}\n" for i in range(ROWS)),
    "numbers near the end of the scale": "age,sex\n" + "1e308,f\n-1e308,m\n1e-308,f\n" * 20,
    "dates out of range": "age,sex,when\n"
    + "1,f,9999-12-31\n2,m,0001-01-01\n3,f,2020-02-30\n4,m,99999-01-01\n" * 20,
    "one value everywhere": "age,sex\n" + "5,f\n" * ROWS,
    "text that is code": "age,sex\n" + '1,"=cmd|x"\n2,"<script>alert(1)</script>"\n3,"[a](b)"\n' * 20,
}


@pytest.mark.parametrize("case", ODD)
def test_odd_tables_are_audited_or_refused_in_words(case, here, tmp_path):
    text = ODD[case]
    (tmp_path / "real.csv").write_text(text, encoding="utf-8")
    (tmp_path / "synthetic.csv").write_text(text, encoding="utf-8")
    answer = here(
        "run",
        "--real",
        tmp_path / "real.csv",
        "--synthetic",
        tmp_path / "synthetic.csv",
        *("--family=fidelity", "--family=bias", "--family=artifacts", "--family=privacy"),
        "--quiet",
        "--out",
        tmp_path / "out",
    )
    assert answer.code in (0, 1, 2, 3)
    assert answer.err.count("\n") <= 1
    assert "Traceback" not in answer.err
    if answer.code != 2:
        document = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
        assert {r["check"] for r in document["results"] if r["status"] == "failed"} == set()


def test_mixed_encodings_are_said_or_refused(here, tmp_path):
    rows = b"".join("5,M\u00fcnchen\n".encode() + "6,K\u00f6ln\n".encode("latin-1") for _ in range(40))
    (tmp_path / "real.csv").write_bytes(b"age,sex\n" + rows)
    answer = run(here, tmp_path, "real.csv", "--family=artifacts")
    assert answer.code in (1, 2, 3)
    assert "Traceback" not in answer.err
    if answer.code != 2:
        document = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
        assert any(
            "encod" in notice["text"].lower() or "utf-8" in notice["text"].lower()
            for notice in document["notices"]
        )


def test_thousands_of_columns(command, tmp_path):
    wide = pd.DataFrame(RNG.integers(0, 50, (60, 5000)), columns=[f"c{i}" for i in range(5000)])
    wide.to_csv(tmp_path / "real.csv", index=False)
    wide.iloc[:, ::100].to_csv(tmp_path / "synthetic.csv", index=False)
    answer = command(
        "run", "--real", tmp_path / "real.csv", "--synthetic", tmp_path / "synthetic.csv", "--check=types",
        "--quiet", "--out", tmp_path / "out",
    )  # fmt: skip
    assert answer.code in (0, 1, 3)
    assert answer.err == ""
    document = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert document["provenance"]["coverage"] == {"columns_compared": 50, "columns_of_real": 5000}
    assert len(document["alignment"]["only_real"]) == 4950
