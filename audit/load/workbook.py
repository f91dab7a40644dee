"""Reads xlsx workbooks. Every part is unpacked once with a counter before the reader sees it."""

from __future__ import annotations

import datetime
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from audit.load.assembly import Raw, check_columns
from audit.load.dialect import head_of
from audit.load.limits import Limits, size
from audit.load.names import count_text, message_text
from audit.load.notes import Notes

_CHUNK = 1 << 20
_CELL = re.compile(rb'<c [^>]*?r="([A-Z]{1,3})([0-9]{1,7})"')
_EMPTY_FORMULA = re.compile(rb"(</f>|<f[^>]*/>)\s*(<v\s*/>|<v></v>)?\s*</c>")
_SPARSE = 1_000_000  # cells of a sheet's area from which nearly all of them being empty is no accident
_MEMBERS = 10_000


@dataclass(slots=True)
class Extent:
    """How far the cells of a worksheet reach, counted from its bytes."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    far: str = ""
    empty_formulas: int = 0


def read_workbook(
    connection: duckdb.DuckDBPyConnection, path: Path, notes: Notes, limits: Limits, given: Mapping[str, str]
) -> Raw:
    """Read the first filled worksheet, or the one named in `given["sheet"]`.

    Raises
    ------
    InputError : damaged, protected, no data
    LimitError : larger than a limit, or cells far apart
    """
    from python_calamine import CalamineError, CalamineWorkbook

    extents = _measure(path, notes, limits)
    _check_extents(extents, notes, limits)
    try:
        sheets = _filled_sheets(CalamineWorkbook.from_path(str(path)), notes, given)
    except (CalamineError, OSError) as error:
        raise notes.refuse(
            "the workbook is damaged and cannot be read.", "Save it again as xlsx or csv."
        ) from error
    name, rows = _first_sheet(sheets, notes)
    formulas = sum(extent.empty_formulas for extent in extents)
    if formulas:
        notes.warn(
            f"{count_text(formulas, 'formula')} without a calculated value, read as missing; open and save it in Excel."
        )
    return _table(connection, name, rows, notes, limits, given)


def _measure(path: Path, notes: Notes, limits: Limits) -> list[Extent]:
    """Unpack every part without keeping it; refuse bombs and XML that defines entities."""
    extents, total = [], 0
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > _MEMBERS:
                raise notes.too_large(
                    f"the workbook holds too many parts, {len(members):,}.", "Save it again."
                )
            for member in members:
                extent = Extent() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", member.filename) else None
                total = _measure_part(archive, member, extent, total, path, notes, limits)
                if extent is not None:
                    extents.append(extent)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise notes.refuse("the workbook is cut off or damaged.", "Fetch or save it again.") from error
    except RuntimeError as error:
        if "password" not in str(error):
            raise
        raise notes.refuse(
            "the workbook is protected by a password.", "Save it without a password."
        ) from error
    return extents


def _measure_part(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    extent: Extent | None,
    total: int,
    path: Path,
    notes: Notes,
    limits: Limits,
) -> int:
    stored, tail = path.stat().st_size, b""
    with archive.open(member) as part:
        while chunk := part.read(_CHUNK):
            total += len(chunk)
            if total > limits.unpacked_bytes or (total > limits.ratio_from and total > limits.ratio * stored):
                raise notes.too_large(
                    f"the workbook unpacks to more than {size(total)}, too large for the limit.",
                    "Save it as csv.",
                )
            if b"<!ENTITY" in tail + chunk or b"<!DOCTYPE" in tail + chunk:
                raise notes.refuse(
                    "the workbook's XML defines entities, which is invalid and unsafe.", "Save it again."
                )
            tail = _extend(extent, tail + chunk) if extent is not None else chunk[-16:]
    if extent is not None:
        _extend(extent, tail, last=True)
    return total


def _extend(extent: Extent, data: bytes, *, last: bool = False) -> bytes:
    """Count the cells in `data`; gives back the end, which may hold half a cell."""
    end = len(data) if last else max(0, data.rfind(b"<c "))
    whole = data[:end]
    for match in _CELL.finditer(whole):
        column, row = _column_number(match[1]), int(match[2])
        extent.cells += 1
        if row > extent.rows or column > extent.columns:
            extent.rows, extent.columns = max(row, extent.rows), max(column, extent.columns)
            extent.far = (match[1] + match[2]).decode()
    extent.empty_formulas += sum(1 for _ in _EMPTY_FORMULA.finditer(whole))
    return data[end:]


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _check_extents(extents: Sequence[Extent], notes: Notes, limits: Limits) -> None:
    for extent in extents:
        area = extent.rows * extent.columns
        if area > limits.cells or (area > _SPARSE and extent.cells < 0.05 * area):
            raise notes.too_large(
                f"cell {extent.far} makes the sheet {extent.rows:,} rows by {extent.columns:,} columns, mostly empty.",
                f"Delete what stands there, or save as csv; the limit is {limits.cells:,} cells.",
                where=f"cell {extent.far}",
            )


def _filled_sheets(workbook: Any, notes: Notes, given: Mapping[str, str]) -> dict[str, list[list[Any]]]:
    wanted, names = given.get("sheet", ""), list(workbook.sheet_names)
    if wanted and wanted not in names:
        raise notes.refuse(f"the workbook has no sheet '{message_text(wanted)}'.", "Name one of its sheets.")
    sheets = {}
    for name in [wanted] if wanted else names:
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=True)
        rows = [row for row in rows if any(cell != "" for cell in row)]
        if rows:
            sheets[name] = rows
    return sheets


def _first_sheet(sheets: Mapping[str, list[list[Any]]], notes: Notes) -> tuple[str, list[list[Any]]]:
    if not sheets:
        raise notes.refuse("the workbook is empty: its sheets hold no data.", "Check what wrote it.")
    name, rows = next(iter(sheets.items()))
    if len(sheets) > 1:
        notes.warn(
            f"the workbook holds {len(sheets)} sheets with data; only '{message_text(name, 30)}' is read, so check that it is "
            "the right one."
        )
    return name, rows


def _table(
    connection: duckdb.DuckDBPyConnection,
    sheet: str,
    rows: list[list[Any]],
    notes: Notes,
    limits: Limits,
    given: Mapping[str, str],
) -> Raw:
    import pyarrow as pa

    from audit.load.frame import store_raw

    width = max(len(row) for row in rows)
    check_columns(notes, limits, width)
    head = [tuple(_cell(cell) or "" for cell in row) for row in rows[:400]]
    start, names = head_of(head, width, given)
    if start > 0 and names:
        notes.warn(
            f"{count_text(start, 'row')} above the header (titles or merged cells) skipped; check the names.",
            "header",
        )
    if not names:
        notes.warn(
            "the first row is data and no header, so columns are named column_1 and on; add names.", "row 1"
        )
    body = rows[start + 1 :] if names else rows[start:]
    if not body:
        raise notes.refuse("the table has no rows, only column names.", "Write data below the header.")
    arrays = [pa.array([_cell(row[n]) for row in body], pa.string()) for n in range(width)]
    store_raw(connection, pa.Table.from_arrays(arrays, names=[f"c{n}" for n in range(width)]))
    kept = names or tuple(f"column_{n + 1}" for n in range(width))
    return Raw(kept, "xlsx", {"sheet": sheet, "header": bool(names), "skipped_rows": start})


def _cell(value: Any) -> str | None:
    """A cell as it would stand in a text file."""
    if value == "" or value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ") if value.time() != datetime.time() else value.date().isoformat()
    if isinstance(value, datetime.timedelta):
        return str(value.total_seconds())
    return str(value)
