"""The face in Python: files in, a report out, written and read again."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import audit
from tests.worlds import siblings


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    paths = []
    for name, table in siblings(400).frames().items():
        paths.append(folder / f"{name}.csv")
        table.to_csv(paths[-1], index=False)
    return paths


def test_files_give_the_same_report_as_their_frames(files):
    real, synthetic, holdout = files
    asked = {"checks": ("column_shapes", "missing_shares"), "sensitive": ("sex",)}
    of_files = audit.audit_files(real, str(synthetic), holdout, **asked)
    of_frames = audit.audit_frames(*map(pd.read_csv, files), **asked)
    assert [r.measures for r in of_files.results] == [r.measures for r in of_frames.results]
    assert of_files.verdict == of_frames.verdict
    assert of_files.tables["real"].name == "real.csv"


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(audit.AuditError, match="the file does not exist"):
        audit.audit_files(tmp_path / "none.csv", tmp_path / "none.csv")


def test_a_report_is_written_read_and_judged_again(files, tmp_path):
    report = audit.audit_files(*files, checks=("column_shapes",))
    audit.write_reports(report, str(tmp_path / "out"))
    stored = audit.read_report(tmp_path / "out" / "report.json")
    assert stored.verdict == report.verdict
    again = audit.rejudge(stored, audit.load_policy("software_testing"))
    assert again.policy.name == "software_testing"


def test_an_older_report_has_the_cards_of_today(files, tmp_path):
    report = audit.audit_files(*files, checks=("column_shapes", "detectability"))
    audit.write_reports(report, tmp_path)
    document = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    for result in document["results"]:
        for key in ("page", "section", "folds", "explained_by", "known_as"):
            result["card"].pop(key, None)
    (tmp_path / "report.json").write_text(json.dumps(document), encoding="utf-8")
    stored = audit.read_report(tmp_path / "report.json")
    assert [r.result.card for r in stored.results] == [r.result.card for r in report.results]


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "There is no file"), ("{", "cannot be read as JSON"), ("{}", "not a report")],
)
def test_what_is_no_report_is_refused(content, words, tmp_path):
    path = tmp_path / "report.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(audit.AuditError, match=words):
        audit.read_report(path)


def test_every_public_name_is_explained():
    for name in audit.__all__:
        assert f"`{name}`" in audit.__doc__ or name == "__version__", (
            f"audit's docstring does not list {name}"
        )
        assert name == "__version__" or len(getattr(audit, name).__doc__.split()) > 3
