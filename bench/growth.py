"""The family's seconds and memory on three sizes, and how they grow with rows and with columns."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench import sizes
from bench.curves import Panel, draw

ROWS = (10_000, 30_000, 100_000, 300_000, 1_000_000)
COLUMNS = (25, 50, 100, 200)
ADULT = {"target": ("income",), "sensitive": ("sex", "race")}
WIDE = {"target": ("label_0",)}


@dataclass(frozen=True)
class Limit:
    """What a family may cost: seconds of its checks or of the whole command, bytes of all its processes."""

    seconds: float | None = None
    peak: float | None = None
    whole: bool = False

    def seconds_of(self, cost: Cost) -> float:
        """The seconds that are limited."""
        return cost.wall if self.whole else cost.family


@dataclass(frozen=True)
class Size:
    """One size: how its tables are written, the options of the audit, and what families may cost."""

    name: str
    write: Callable[[Path, Path], dict[str, Path]]
    options: Mapping[str, Sequence[str]]
    limits: Mapping[str, Limit] = field(default_factory=dict)


def _long(rows: int) -> Callable[[Path, Path], dict[str, Path]]:
    return lambda folder, scratch: sizes.write_long(folder, rows, scratch)


def _wide(columns: int) -> Callable[[Path, Path], dict[str, Path]]:
    return lambda _, scratch: sizes.write(sizes.wide(columns), scratch)


SIZES = {
    "adult": Size(
        "Adult, 24,421 x 15",
        lambda folder, scratch: sizes.write(sizes.adult(folder), scratch),
        ADULT,
        {"fidelity": Limit(8.0), "privacy": Limit(12.0)},
    ),
    "long": Size(
        "1,000,000 x 15",
        _long(sizes.LONG),
        ADULT,
        {
            "fidelity": Limit(25.0, 2.5e9),
            "artifacts": Limit(20.0, 2e9, whole=True),
            "privacy": Limit(40.0, 3e9),
        },
    ),
    "wide": Size("50,000 x 200", _wide(sizes.WIDE), WIDE, {"fidelity": Limit(40.0)}),
    "vast": Size("10,000,000 x 15", _long(sizes.VAST), ADULT, {"artifacts": Limit(240.0, 4e9, whole=True)}),
}


@dataclass(frozen=True)
class Cost:
    """What the family cost: seconds by check, seconds of the whole command, those of its cores, peak memory in bytes."""

    checks: Mapping[str, float]
    wall: float
    cpu: float
    peak: int

    @property
    def family(self) -> float:
        """Seconds of all its checks."""
        return sum(self.checks.values())


Audit = Callable[[Mapping[str, Path], Sequence[str]], Cost]


def measure(audit: Audit, folder: Path, size: Size, family: str) -> Cost:
    """One audit of the family on tables of this size; the tables are made and removed again."""
    options = [f"--{key}={value}" for key, values in size.options.items() for value in values]
    with tempfile.TemporaryDirectory() as scratch:
        paths = size.write(folder, Path(scratch))
        return audit(paths, [*options, f"--family={family}"])


def limits(audit: Audit, folder: Path, family: str, names: Sequence[str], repeats: int) -> int:
    """Each size beside its limits; 1 where one is off."""
    off = False
    for name in names:
        size, limit = SIZES[name], SIZES[name].limits.get(family, Limit())
        costs = [measure(audit, folder, size, family) for _ in range(repeats)]
        best = min(costs, key=limit.seconds_of)
        late = limit.seconds is not None and limit.seconds_of(best) > limit.seconds
        large = limit.peak is not None and best.peak > limit.peak
        off |= late or large
        most = f" (at most {limit.seconds:g}){' OFF' if late else ''}" if limit.seconds else ""
        print(
            f"\n{size.name}: {family} {best.family:.1f} s{'' if limit.whole else most}, "
            f"whole command {best.wall:.1f} s{most if limit.whole else ''}, "
            f"reading and the rest {best.wall - best.family:.1f} s, {best.cpu:.1f} s of computing, "
            f"peak {best.peak / 1e9:.2f} GB"
            f"{f' (at most {limit.peak / 1e9:g})' if limit.peak else ''}{' OFF' if large else ''}"
        )
        for check, seconds in sorted(best.checks.items(), key=lambda pair: -pair[1]):
            print(f"  {check:24} {seconds:7.2f} s")
    return int(off)


def growth(audit: Audit, folder: Path, family: str, picture: Path, table: Path | None) -> int:
    """Seconds by check over rows and over columns: a table on stdout, a picture, and the numbers."""
    by_rows = {rows: measure(audit, folder, Size("", _long(rows), ADULT), family) for rows in ROWS}
    show("rows (x 15 columns)", by_rows)
    by_columns = {count: measure(audit, folder, Size("", _wide(count), WIDE), family) for count in COLUMNS}
    show("columns (x 50,000 rows)", by_columns)
    panels = [
        panel("rows, 15 columns", by_rows, SIZES["long"].limits.get(family, Limit()).seconds),
        panel("columns, 50,000 rows", by_columns, SIZES["wide"].limits.get(family, Limit()).seconds),
    ]
    picture.write_text(draw(f"Seconds of {family} checks", panels), encoding="utf-8")
    print(f"\n{picture}")
    if table:
        told = {"rows": _plain(by_rows), "columns": _plain(by_columns)}
        table.write_text(json.dumps(told, indent=1), encoding="utf-8")
    return 0


def _plain(costs: Mapping[int, Cost]) -> dict[str, object]:
    return {str(size): asdict(cost) for size, cost in costs.items()}


def panel(title: str, costs: Mapping[int, Cost], limit: float | None) -> Panel:
    checks = list(next(iter(costs.values())).checks)
    lines = {check: [cost.checks.get(check, 0.0) for cost in costs.values()] for check in checks}
    return Panel(title, tuple(costs), lines, [cost.family for cost in costs.values()], limit)


def show(title: str, costs: Mapping[int, Cost]) -> None:
    """Markdown, so that it can be kept as it is."""
    print(f"\n| {title} | " + " | ".join(f"{size:,}" for size in costs) + " |")
    print("| --- |" + " ---: |" * len(costs))
    last = list(costs.values())[-1]
    for check in sorted(last.checks, key=lambda name: -last.checks[name]):
        print(
            f"| `{check}` | "
            + " | ".join(f"{cost.checks.get(check, 0):.2f}" for cost in costs.values())
            + " |"
        )
    print("| all checks, s | " + " | ".join(f"{cost.family:.1f}" for cost in costs.values()) + " |")
    print("| whole command, s | " + " | ".join(f"{cost.wall:.1f}" for cost in costs.values()) + " |")
    print("| computing, s | " + " | ".join(f"{cost.cpu:.1f}" for cost in costs.values()) + " |")
    print("| peak memory, GB | " + " | ".join(f"{cost.peak / 1e9:.2f}" for cost in costs.values()) + " |")
