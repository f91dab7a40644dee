"""What the index knows about a run, and the table it stands in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Integer, MetaData, String, Table


class State(StrEnum):
    """Where a run stands. Only queued and running can change by themselves."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def is_open(self) -> bool:
        """Whether a result may still come."""
        return self in (State.QUEUED, State.RUNNING)


@dataclass(frozen=True, slots=True)
class Run:
    """One row of the index.

    made_at : UTC, ISO 8601
    owner : which visitor asked for it; never shown
    names : display names of the tables by role
    rows : rows of the tables by role, once known
    verdict : the grade, once known
    content_key : same content, options and version give the same key
    report_sha256 : of report.json, once written; changes when a second opinion comes in
    process_group : of the worker, to end it
    """

    id: str
    made_at: str
    owner: str
    state: State
    purpose: str
    names: Mapping[str, str]
    content_key: str
    rows: Mapping[str, int] = field(default_factory=dict)
    verdict: str = ""
    report_sha256: str = ""
    process_group: int = 0


metadata = MetaData()

runs_table = Table(
    "runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("made_at", String(40), nullable=False, index=True),
    Column("owner", String(64), nullable=False, index=True),
    Column("state", String(16), nullable=False, index=True),
    Column("purpose", String(40), nullable=False),
    Column("names", JSON, nullable=False),
    Column("content_key", String(64), nullable=False, index=True),
    Column("rows", JSON, nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("report_sha256", String(64), nullable=False),
    Column("process_group", Integer, nullable=False),
)


def to_run(row: Mapping[str, Any]) -> Run:
    """A row of the table as a record."""
    values = dict(row)
    values["state"] = State(values["state"])
    return Run(**values)
