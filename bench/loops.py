"""Loops of a generator on its own rows, and what is told of them: python bench/loops.py DATA [--seeds 10].

DATA holds, for adult and bank-marketing, a training and a holdout half; both are pooled and split
at random in three: the real table, a holdout, and rows that feed the loop. The generator is a
Gaussian copula. Four loops run, each with every seed:

replace     a copula that cuts the ends of numbers (2 % and 98 %), trained on the rows before alone:
            decay of variance must be told by generation 2 (recipe 27)
truncate    a copula whose table is its own, drawn from normal scores of 0.8 of their scale, so
            that likely rows come too often: diversity lost at generation 1, at realism that does not
            fall, must be told (recipe 28)
accumulate  the copula of `replace`, trained on all rows so far, half of them fresh real ones: no
            decay may be told in five generations
contaminate 5 % of the real table are rows of CTGAN: at least 1 % must be told; 0 % of the clean part

Off (exit code 1): fewer than 9 in 10 told, or any told that should not be.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))  # a script's own folder stands there otherwise

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from audit import audit_frames  # noqa: E402
from audit.model import Grade, Report  # noqa: E402
from audit.run.series_run import audit_series  # noqa: E402
from audit.stats.models.copula import fit_copula  # noqa: E402
from bench.defects.recipes import TABLES, Parts, split  # noqa: E402

CUT = 0.02  # of each end
LAMBDA = 0.8  # scale of the normal scores that rows are drawn from
TOLD = 0.9
BAD = (Grade.WARN, Grade.FAIL)
DECAY = ("variance_decay", "category_decay", "generation_quality", "generation_distance")


class Codec:
    """A frame as numbers and back; categories by how often they occur."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.columns = list(frame.columns)
        self.types = dict(frame.dtypes)
        self.levels = {
            name: list(frame[name].value_counts().index)
            for name in self.columns
            if not pd.api.types.is_numeric_dtype(frame[name])
        }

    def encode(self, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
        """One column of numbers for each of the frame."""
        parts = [
            pd.Categorical(frame[n], self.levels[n]).codes if n in self.levels else frame[n]
            for n in self.columns
        ]
        return np.column_stack([np.asarray(part, dtype=float) for part in parts])

    def decode(self, matrix: np.ndarray[Any, Any]) -> pd.DataFrame:
        """The frame that the numbers stand for."""
        cells = {}
        for at, name in enumerate(self.columns):
            values = matrix[:, at]
            if name in self.levels:
                cells[name] = np.array(self.levels[name], dtype=object)[values.astype(int)]
            else:
                cells[name] = values.astype(self.types[name])
        return pd.DataFrame(cells)


def clip_margins(matrix: np.ndarray[Any, Any], codec: Codec) -> np.ndarray[Any, Any]:
    """Numbers beyond the outermost two percent moved to these, as a copula does whose margins end there."""
    found = matrix.copy()
    for at, name in enumerate(codec.columns):
        if name not in codec.levels:
            low, high = np.quantile(matrix[:, at], [CUT, 1 - CUT], method="nearest")
            found[:, at] = np.clip(matrix[:, at], low, high)
    return found


def replace_generations(parts: Parts, generations: int, rng: np.random.Generator) -> Iterator[pd.DataFrame]:
    codec = Codec(parts.real)
    seen = codec.encode(parts.real)
    for _ in range(generations):
        seen = fit_copula(clip_margins(seen, codec), rng).sample(len(parts.real), rng)
        yield codec.decode(seen)


def accumulate_generations(
    parts: Parts, generations: int, rng: np.random.Generator
) -> Iterator[pd.DataFrame]:
    """Trained on all rows so far; as many fresh real rows as synthetic ones come in."""
    codec, n = Codec(parts.real), len(parts.real)
    real, fed = codec.encode(parts.real), codec.encode(parts.synthetic)
    seen = real
    for _ in range(generations):
        drawn = fit_copula(clip_margins(seen, codec), rng).sample(n, rng)
        yield codec.decode(drawn)
        fresh = fed[rng.integers(len(fed), size=n)]
        seen = np.vstack([seen, drawn, fresh])


def truncate_generations(parts: Parts, rng: np.random.Generator) -> tuple[Parts, list[pd.DataFrame]]:
    """A population that a copula fits, and two generations drawn with too many likely rows."""
    codec, n = Codec(parts.real), len(parts.real)
    whole = fit_copula(codec.encode(parts.real), rng)
    real, fresh = whole.sample(n, rng), whole.sample(n, rng)
    seen, made = real, []
    for _ in range(2):
        model = fit_copula(seen, rng)
        seen = model.from_normal_scores(LAMBDA * rng.standard_normal((n, len(codec.columns))))
        made.append(codec.decode(seen))
    return Parts(codec.decode(real), codec.decode(fresh), made[-1]), made


def report_of(
    parts: Parts, made: list[pd.DataFrame], options: dict[str, Any], checks: tuple[str, ...], seed: int
) -> Report:
    series = {f"generation {at}": frame for at, frame in enumerate(made, 1)}
    return audit_series(parts.real, series, parts.holdout, checks=checks, seed=seed, threads=1, **options)


def alarming_measures(report: Report, check: str, name: str | None = None) -> list[Any]:
    """Numbers of a check that warn or fail."""
    return [
        judged
        for one in report.results
        if one.result.card.id == check
        for judged in one.measures
        if judged.grade in BAD and (name is None or judged.measure.name == name)
    ]


def replace_loop(
    parts: Parts, options: dict[str, Any], seed: int, rng: np.random.Generator
) -> tuple[bool, str]:
    report = report_of(parts, list(replace_generations(parts, 2, rng)), options, ("variance_decay",), seed)
    found = alarming_measures(report, "variance_decay")
    return bool(found), "; ".join(j.measure.sentence for j in found[:1])


def truncate_loop(
    parts: Parts, options: dict[str, Any], seed: int, rng: np.random.Generator
) -> tuple[bool, str]:
    ground, made = truncate_generations(parts, rng)
    report = report_of(ground, made, options, ("generation_quality",), seed)
    first = [
        j
        for j in alarming_measures(report, "generation_quality", "one_sided")
        if (j.measure.group or {})["generation"].startswith("1")
    ]
    summary = report.results[0].result.summary
    return bool(first), f"recall {summary['recall_first']:.3f} realism {summary['realism_first']:.3f}"


def accumulate_loop(
    parts: Parts, options: dict[str, Any], seed: int, rng: np.random.Generator
) -> tuple[bool, str]:
    report = report_of(parts, list(accumulate_generations(parts, 5, rng)), options, DECAY, seed)
    found = [j for check in DECAY for j in alarming_measures(report, check)]
    return not found, "; ".join(j.measure.sentence for j in found[:3])


def contaminate(parts: Parts, data: Path, seed: int, rng: np.random.Generator) -> tuple[bool, str]:
    made = pd.read_csv(data / "adult" / "adult_synthcity-ctgan.csv.gz").sample(frac=1, random_state=seed)
    n, k = len(parts.real), len(parts.real) // 20
    dirty = parts.real.copy()
    dirty.iloc[rng.choice(n, k, replace=False)] = made.iloc[n : n + k].to_numpy()
    values = []
    for real in (parts.real, dirty.astype(parts.real.dtypes.to_dict())):
        report = audit_frames(real, made.iloc[:n], parts.holdout, checks=("contamination",), seed=seed)
        values.append(report.results[0].result.measures[0].value)
    return values[0] < 0.01 < values[1], f"clean {values[0]:.4f}, with 5 % {values[1]:.4f}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--table", choices=("adult", "bank-marketing"), action="append", default=[])
    parser.add_argument("--only", action="append", default=[])
    asked = parser.parse_args(arguments)
    loops: dict[str, Any] = {
        "replace": replace_loop,
        "truncate": truncate_loop,
        "accumulate": accumulate_loop,
    }
    off, begun = 0, time.perf_counter()
    for table in asked.table or ("adult", "bank-marketing"):
        halves = [pd.read_csv(asked.data / table / f"{table}_{half}.csv.gz") for half in ("trn", "hol")]
        whole = pd.concat(halves, ignore_index=True)
        options = {k: v for k, v in TABLES[table].options.items() if k in ("target", "sensitive")}
        ways = {name: loop for name, loop in loops.items() if not asked.only or name in asked.only}
        if table == "adult" and (not asked.only or "contaminate" in asked.only):
            ways["contaminate"] = None
        for name, loop in ways.items():
            right = 0
            for seed in range(asked.first, asked.first + asked.seeds):
                parts, rng = split(whole, seed), np.random.default_rng([27, seed])
                good, words = (
                    loop(parts, options, seed, rng) if loop else contaminate(parts, asked.data, seed, rng)
                )
                right += good
                print(f"{table} {name} {seed}: {'as it should' if good else 'OFF'}; {words}", flush=True)
            least = asked.seeds if name == "accumulate" else TOLD * asked.seeds
            off += right < least
            print(f"{table} {name}: {right} of {asked.seeds} as they should")
    print(f"{time.perf_counter() - begun:.0f} s")
    return 1 if off else 0


if __name__ == "__main__":
    sys.exit(main())
