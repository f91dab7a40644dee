"""The files behind a finished audit, as far as this visitor still has them, and the same audit again."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from audit.errors import AuditError
from audit.model import Report
from audit.declare.options import Options
from audit.declare.rules import Rule, plain_rules
from audit.store import Run, Upload, content_key
from audit.store.process import ROOT
from pages.parts.runs import samples
from pages.parts.runs import reports
from pages.parts.runs import upload
from pages.parts.base.markdown import md_text

SECONDS = 120
GONE = (
    "The files of an audit are deleted when it ends, and this browser no longer holds them. Hand in the same files on "
    "the page New audit, then come back."
)


@dataclass(frozen=True, slots=True)
class Files:
    """What an audit compared, by role: uploads of this visitor, or the paths of a sample."""

    uploads: dict[str, Upload]
    samples: dict[str, Path]

    def path(self, role: str) -> Path:
        """Where a file lies."""
        return self.uploads[role].path if role in self.uploads else self.samples[role]


def files_of(report: Report) -> Files | None:
    """The very files that were audited, told by their content; None where they are gone."""
    wanted = {role: facts.sha256 for role, facts in report.tables.items() if facts is not None}
    mine = upload.uploads_of_visitor()
    if all(role in mine and mine[role].sha256 == digest for role, digest in wanted.items()):
        return Files({role: mine[role] for role in wanted}, {})
    shipped = {_digest(path): path for path in sorted(samples.FOLDER.glob("*.csv"))}
    if all(digest in shipped for digest in wanted.values()):
        return Files({}, {role: shipped[digest] for role, digest in wanted.items()})
    return None


def start(run: Run, files: Files, rules: Sequence[Rule]) -> str | None:
    """Submit the audit of a run again, with other rules; returns the new run, or says what is wrong."""
    digests = {role: one.sha256 for role, one in files.uploads.items()}
    digests |= {role: _digest(path) for role, path in files.samples.items()}
    try:
        asked = Options.from_json(reports.runs().folder_of(run.id).request.read_text(encoding="utf-8"))
        paths = {role: str(files.samples.get(role, "")) for role in ("real", "synthetic", "holdout")}
        asked = replace(asked, **paths, rules=plain_rules(rules) if rules else None)  # type: ignore[arg-type]
        key = content_key(asked, digests)
        return reports.runs().submit(asked, reports.visitor(), files.uploads, key)
    except (AuditError, FileNotFoundError) as error:
        st.error(md_text(str(error)), icon=":material/error:")
        return None


def rows_of(files: Files, rows: Sequence[int]) -> dict[str, Any]:
    """Some rows of the synthetic file: {"columns", "rows"} or {"error"}; never of another file."""
    return excerpt_of(files.path("synthetic"), rows)


def excerpt_of(path: Path, rows: Sequence[int]) -> dict[str, Any]:
    """Some rows of a file, read in a process of its own: nothing is ever parsed in the server."""
    asked = json.dumps({"file": str(path), "rows": list(rows)})
    try:
        done = subprocess.run(
            [sys.executable, "-m", "audit.run.worker", "--rows", "-"],
            cwd=ROOT,
            input=asked.encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return {"error": f"Reading the file took longer than {SECONDS} seconds."}
    except ValueError:
        return {"error": "The file could not be read."}
    return answer if isinstance(answer, dict) else {"error": "The file could not be read."}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
