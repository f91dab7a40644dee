"""Tables of any size for timing: long ones like Adult, wide ones of mixed columns that go together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

PARTS = ("real", "synthetic", "holdout")
HALVES = {"real": "trn", "synthetic": "mostlyai", "holdout": "hol"}
LONG, WIDE, WIDE_ROWS = 1_000_000, 200, 50_000
VAST = 10_000_000  # rows of the longest table
_AT_ONCE = 1_000_000  # rows made at a time
_JITTER = 0.02  # relative, so that resampled numbers are not all ties
_FINE = 200  # a number with more values than this is jittered
_FACTORS = 12


def adult(folder: Path) -> dict[str, pd.DataFrame]:
    """The Adult halves and a synthetic version, as they are."""
    return {part: pd.read_csv(folder / "adult" / f"adult_{HALVES[part]}.csv.gz") for part in PARTS}


def long(folder: Path, rows: int) -> dict[str, pd.DataFrame]:
    """Adult rows drawn with replacement, fine numbers jittered."""
    return {
        part: _resampled(frame, rows, np.random.default_rng([1, i]))
        for i, (part, frame) in enumerate(adult(folder).items())
    }


def write_long(folder: Path, rows: int, out: Path) -> dict[str, Path]:
    """As `long` and `write`, a million rows at a time: longer tables than memory holds."""
    paths = {part: out / f"{part}.parquet" for part in PARTS}
    for i, (part, frame) in enumerate(adult(folder).items()):
        writer = None
        for step, first in enumerate(range(0, rows, _AT_ONCE)):
            rng = np.random.default_rng([1, i, step] if step else [1, i])
            table = pa.Table.from_pandas(
                _resampled(frame, min(_AT_ONCE, rows - first), rng), preserve_index=False
            )
            writer = writer or pq.ParquetWriter(paths[part], table.schema)
            writer.write_table(table)
        if writer:
            writer.close()
    return paths


def _resampled(frame: pd.DataFrame, rows: int, rng: np.random.Generator) -> pd.DataFrame:
    drawn = frame.iloc[rng.integers(0, len(frame), rows)].reset_index(drop=True)
    for name in frame.select_dtypes("number"):
        if frame[name].nunique() > _FINE or name.startswith("capital"):  # spikes at zero stay
            drawn[name] = np.round(drawn[name] * rng.lognormal(0, _JITTER, rows)).astype(np.int64)
    return drawn


def wide(columns: int, rows: int = WIDE_ROWS) -> dict[str, pd.DataFrame]:
    """Numbers and labels in turn, drawn from common factors; the first column is an outcome of two."""
    plan = np.random.default_rng(2)
    loads = plan.normal(size=(_FACTORS, WIDE)) * (plan.random((_FACTORS, WIDE)) < 0.25)
    levels = plan.integers(2, 13, WIDE)
    levels[0] = 2
    return {
        part: _from_factors(loads[:, :columns], levels[:columns], rows, np.random.default_rng([3, i]))
        for i, part in enumerate(PARTS)
    }


def _from_factors(
    loads: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    levels: np.ndarray[tuple[int], np.dtype[np.int64]],
    rows: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    scores = rng.normal(size=(rows, len(loads))) @ loads + rng.normal(size=(rows, loads.shape[1]))
    columns: dict[str, object] = {}
    for i in range(loads.shape[1]):
        score = scores[:, i] / np.sqrt(1 + (loads[:, i] ** 2).sum())
        if i % 2 == 0:
            cuts = np.linspace(-1.5, 1.5, levels[i] + 1)[1:-1]
            names = np.array([f"level {level}" for level in range(levels[i])], dtype=object)
            columns[f"label_{i}"] = names[np.searchsorted(cuts, score)]
        elif i % 10 == 9:
            columns[f"number_{i}"] = np.round(np.maximum(score, 0) * 1000)  # half of it is zero
        else:
            columns[f"number_{i}"] = np.round(score * 10 + 50, 3)
    return pd.DataFrame(columns)


def write(frames: dict[str, pd.DataFrame], folder: Path) -> dict[str, Path]:
    """As parquet files, by part."""
    paths = {part: folder / f"{part}.parquet" for part in frames}
    for part, frame in frames.items():
        frame.to_parquet(paths[part], index=False)
    return paths
