"""commit, sketch, overlap and card: what they write, what they say, what they refuse."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pandas as pd
import pytest

from audit.provenance.sketches import sketch

SALT = "a word of seventeen"


@pytest.fixture
def tables(tmp_path):
    frame = pd.DataFrame(
        {"id": range(400), "x": [i * 1.5 for i in range(400)], "y": [f"w{i}" for i in range(400)]}
    )
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.iloc[300:].assign(id=range(9000, 9100)).to_parquet(tmp_path / "b.parquet")
    return tmp_path


def test_a_commitment_is_published_and_its_secret_kept(here, tables):
    answer = here("commit", "--holdout", tables / "b.parquet", "--out", tables / "c.json")
    assert answer.code == 0
    assert answer.out.startswith("Committed to 100 rows and 3 columns, digest ")
    public = json.loads((tables / "c.json").read_text(encoding="utf-8"))
    assert sorted(public) == ["columns", "digest", "format", "kind", "made_on", "rows"]
    secret = tables / "c.secret.json"
    assert secret.stat().st_mode & 0o077 == 0
    assert json.loads(secret.read_text(encoding="utf-8"))["salt"] not in (tables / "c.json").read_text(
        encoding="utf-8"
    )
    again = here("commit", "--holdout", tables / "b.parquet", "--out", tables / "c.json")
    assert again.code == 2
    assert "exists already" in again.err


def test_a_run_holds_the_holdout_against_its_commitment(here, small, tmp_path):
    assert here("commit", "--holdout", small / "holdout.csv", "--out", tmp_path / "c.json").code == 0
    promise = (f"--commitment={tmp_path / 'c.json'}", f"--commitment-secret={tmp_path / 'c.secret.json'}")
    asked = ("--check=holdout_commitment", "--quiet", "--out", tmp_path / "out")
    tables = [f"--{role}={small / role}.csv" for role in ("real", "synthetic", "holdout")]
    assert here("run", *tables, *promise, *asked).code in (0, 3)
    told = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))["provenance"]
    assert told["commitment"]["kept"] is True
    refused = here("run", *tables, promise[0], *asked)
    assert refused.code == 2
    assert "can be checked only with its secret" in refused.err
    (tmp_path / "cut.json").write_text(
        (tmp_path / "c.json").read_text(encoding="utf-8")[:60], encoding="utf-8"
    )
    assert (
        "cannot be read as JSON" in here("run", *tables, f"--commitment={tmp_path / 'cut.json'}", *asked).err
    )


def test_two_tables_are_compared_whole(here, tables):
    asked = ("overlap", tables / "a.csv", tables / "b.parquet")
    assert "a.csv: 'id' is different in every row" in here(*asked).err
    answer = here(*asked, "--without", "id", "--without", "y", "--json")
    assert answer.err == ""
    told = json.loads(answer.out)
    assert [(one["share"], one["exact"], one["shared"]) for one in told] == [
        (0.25, True, 100),
        (1.0, True, 100),
    ]


def test_a_sketch_stands_for_its_table(here, tables):
    for name in ("a.csv", "b.parquet"):
        asked = ("sketch", tables / name, "--without", "id", "--size", 64, "--salt", SALT)
        assert here(*asked, "--out", tables / f"{name}.json").code == 0
    told = json.loads(here("overlap", tables / "a.csv.json", tables / "b.parquet.json", "--json").out)
    assert told[0]["low"] <= 0.25 <= told[0]["high"]
    assert told[1]["share"] == 1
    assert "95 % interval" in here("overlap", tables / "a.csv.json", tables / "b.parquet.json").out
    mixed = here("overlap", tables / "a.csv.json", tables / "b.parquet", "--salt", SALT, "--json")
    assert [one["share"] for one in json.loads(mixed.out)] == [one["share"] for one in told]


def test_what_cannot_be_compared_is_refused_in_words(here, tables):
    kept, other = tables / "s.json", tables / "o.json"
    for path, salt in ((kept, SALT), (other, SALT[::-1])):
        made = sketch(np.arange(400, dtype=np.uint64), ("id", "x", "y"), salt)
        path.write_text(json.dumps(made.to_plain()), encoding="utf-8")
    cut = tables / "cut.json"
    cut.write_text(kept.read_text(encoding="utf-8")[:300], encoding="utf-8")
    changed = tables / "changed.json"
    changed.write_text(
        kept.read_text(encoding="utf-8").replace('"different": 400', '"different": 399'), encoding="utf-8"
    )
    for arguments, said in (
        ((kept, other), "different salts"),
        ((kept, tables / "a.csv"), "only under its salt"),
        ((kept, tables / "a.csv", "--salt", "short"), "fewer than 16 can be guessed"),
        ((kept, tables / "a.csv", "--salt", SALT, "--column", "x"), "others cannot be chosen now"),
        ((cut, kept), "is cut off or damaged"),
        ((changed, kept), "numbers do not fit its counts"),
        ((tables / "a.csv", tables / "b.parquet", "--column", "z"), "there is no column 'z'"),
    ):
        answer = here("overlap", *arguments)
        assert (answer.code, answer.out) == (2, "")
        assert said in answer.err
        assert answer.err.count("\n") == 1


def test_a_card_is_written_to_fill_in_and_looked_over(here, tmp_path):
    path = tmp_path / "card.toml"
    assert here("card", "--out", path).code == 0
    assert here("card").out == path.read_text(encoding="utf-8")
    assert here("card", "--out", path).code == 2
    answer = here("card", path)
    assert answer.out.startswith("The card can be used. It does not state the method, ")
    path.write_text("method = 3\n", encoding="utf-8")
    assert "'method' is 3. Write a text" in here("card", path).err


def test_a_run_tells_its_card_and_holds_its_hashes_against_the_tables(here, small, tmp_path):
    asked = ("--check=fresh_share", "--quiet", "--out", tmp_path / "out")
    tables = [f"--{role}={small / role}.csv" for role in ("real", "synthetic", "holdout")]
    digest = hashlib.sha256((small / "holdout.csv").read_bytes()).hexdigest()
    card = tmp_path / "card.toml"
    card.write_text(
        f'[[lineage]]\nkind = "real"\nrows = 100\nsha256 = "{digest}"\n[[lineage]]\nkind = "synthetic"\nrows = 300\n',
        encoding="utf-8",
    )
    assert here("run", *tables, f"--generator-card={card}", *asked).code in (0, 1, 3)
    told = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert told["provenance"]["generator"]["lineage_is"] == ["holdout", None]
    assert any("names the holdout among the tables" in notice["text"] for notice in told["notices"])
    assert told["results"][0]["measures"][0]["value"] == 0.25
    found = json.loads((tmp_path / "out" / "croissant.json").read_text(encoding="utf-8"))
    assert found["distribution"][0]["contentUrl"] == "synthetic.csv"
    card.write_text("colour = 1\n", encoding="utf-8")
    refused = here("run", *tables, f"--generator-card={card}", *asked)
    assert refused.code == 2
    assert "has 'colour', which does not exist" in refused.err
