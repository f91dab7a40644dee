"""Can this synthetic table stand in for the real one? Load, measure, judge, tell.

    import audit

    report = audit.audit_frames(real, synthetic, holdout, target="income", sensitive=("sex",))
    report.verdict.grade, report.verdict.rule
    audit.write_reports(report, folder)

Names are loaded on first use, so that importing the package costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from audit.declare.options import Options
from audit.errors import AuditError
from audit.model import VERSION as _VERSION, Grade, Report

if TYPE_CHECKING:
    from audit.checks import all_checks
    from audit.judge.judge import rejudge
    from audit.judge.policy import load_policy
    from audit.render import write_reports
    from audit.run.run import audit_frames, run_audit

__all__ = [
    "AuditError",
    "Grade",
    "Options",
    "Report",
    "__version__",
    "all_checks",
    "audit_frames",
    "load_policy",
    "rejudge",
    "run_audit",
    "write_reports",
]

__version__ = _VERSION

_HOMES = {
    "all_checks": "audit.checks",
    "audit_frames": "audit.run.run",
    "load_policy": "audit.judge.policy",
    "rejudge": "audit.judge.judge",
    "run_audit": "audit.run.run",
    "write_reports": "audit.render",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'audit' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
