"""Can this synthetic table stand in for the real one? Load, measure, judge, tell.

    import audit

    report = audit.audit_files("real.csv", "synthetic.csv", "holdout.csv", target="income")
    report.verdict.grade, report.verdict.rule
    audit.write_reports(report, "report")

============================  =====================================================================
`audit_files`                 audit tables in files; gives a `Report`
`audit_frames`                audit data frames in memory; gives a `Report`
`audit_series`                audit several synthetic tables that follow each other
`run_audit`                   the same as `audit_files` step by step, with progress
`Report`                      what an audit found; shows itself in a notebook, `to_frame()` of findings
`Grade`                       pass, warn, fail, inconclusive and why there is none
`Options`                     everything that can be asked
`write_reports`               `report.html`, `report.json`, `report.md`, `findings.csv` into a folder
`read_report`                 a `report.json` that was written before
`load_policy`, `rejudge`      judge a report by other tolerances, without measuring again
`all_checks`                  every check with its card: question, unit, what it cannot see, source
`AuditError`                  what every refusal is
============================  =====================================================================

Shares lie between 0 and 1; intervals hold with 95 %; every number stands beside its baseline, what
fresh real rows give. Names are loaded on first use, so that importing the package costs next to
nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from audit.declare.options import Options
from audit.errors import AuditError
from audit.model import VERSION as _VERSION, Grade

if TYPE_CHECKING:
    from audit.checks import all_checks
    from audit.judge.judge import rejudge
    from audit.judge.policy import load_policy
    from audit.render import write_reports
    from audit.render.notebook import Report
    from audit.run.run import audit_files, audit_frames, run_audit
    from audit.run.series_run import audit_series
    from audit.run.stored_report import read_report

__all__ = [
    "AuditError",
    "Grade",
    "Options",
    "Report",
    "__version__",
    "all_checks",
    "audit_files",
    "audit_frames",
    "audit_series",
    "load_policy",
    "read_report",
    "rejudge",
    "run_audit",
    "write_reports",
]

__version__ = _VERSION

_HOMES = {
    "Report": "audit.render.notebook",
    "all_checks": "audit.checks",
    "audit_files": "audit.run.run",
    "audit_frames": "audit.run.run",
    "audit_series": "audit.run.series_run",
    "load_policy": "audit.judge.policy",
    "read_report": "audit.run.stored_report",
    "rejudge": "audit.judge.judge",
    "run_audit": "audit.run.run",
    "write_reports": "audit.render",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'audit' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
