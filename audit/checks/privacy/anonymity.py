"""Whether what others may know of a person tells that person from all others, and comes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import narwhals as nw
import numpy as np

from audit.arrays import Bools, Hashes, Ints
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS, CaseTable
from audit.case.check import Outcome, Skip, check
from audit.checks.privacy._shared.attack_setup import fresh_holdout
from audit.checks.privacy._shared.quasi_identifiers import (
    likely_identifiers,
    quasi_identifiers,
    secret_columns,
)
from audit.checks.privacy._shared.unique_values import (
    Reidentified,
    ValueHolders,
    count_values,
    reidentification_excess,
    reidentify,
)
from audit.model import (
    Attack,
    Better,
    Chart,
    Column,
    Family,
    Fold,
    Measure,
    Rows,
    Scale,
    Unit,
    share_bars,
)
from audit.stats.privacy.l_diversity import Diversity, diversity

_MAX_SECRETS = 3  # secrets
_SMALL = (2, 5, 11)  # classes of fewer people than this are told
_SIZES = ("1", "2 to 4", "5 to 10", "11 or more")
_EXAMPLES = 50
_MAX_NAMED = 6  # columns in a sentence
_MIXER = 0x9E3779B97F4A7C15  # odd: spreads small numbers over 64 bits


@dataclass(frozen=True, slots=True)
class _Classes:
    """The rows of a table by what others may know: the class of each row and the rows of each class."""

    part: CaseTable
    keys: Hashes
    place: Ints
    sizes: Ints

    def below(self, size: int) -> float:
        """Share of rows in classes of fewer rows."""
        return float(self.sizes[self.sizes < size].sum() / len(self.place))


@check(
    id="anonymity",
    title="Anonymity of quasi-identifiers",
    known_as="k-anonymity",
    folds=(Fold.WHOLE_FIRST,),
    attack=Attack(
        "the declared quasi-identifiers of somebody who is alone with them.",
        "people of the holdout who are alone with theirs and are met by chance.",
        "the share of fresh people met so.",
    ),
    family=Family.PRIVACY,
    question="Do combinations that only one real person has come back in the synthetic table?",
    scale=Scale(Unit.SHARE, "share of people", Better.LOWER, -1.0, 1.0),
    next_step="Make the quasi-identifiers coarser, such as ages in bands, and find out why the generator repeats rare combinations.",
)
def anonymity(case: Case) -> Outcome:
    """Share of people alone with what others may know, and met again beyond chance.

    Rows that hold the same in all declared quasi-identifiers form a class; missing is a value of
    its own. A person is alone when nobody else, in the real table and the holdout taken
    together, is in the same class. The number is the share of people in the real table who are
    alone and whose combination stands in the synthetic table, less the same share of people in the holdout,
    whom nobody can have copied. 0 is no more than chance; 0.01 one person in a hundred. Without a
    holdout chance is put high, from combinations that two people share, and judged only what is beyond it.
    `right_secret` counts those whose declared secret stands beside it. Every row is used.

    Shown and not judged, because a synthetic row is no person: the smallest class k and the share
    of rows in classes of fewer than 2, 5 and 11; `one_secret`, the share of rows in classes that hold
    one secret only (distinct l-diversity of 1; entropy l beside it); `secret_distance`, how far
    the class farthest off differs from all rows (t-closeness, every two secrets equally far apart,
    numbers in classes of about ten). Smaller tables have smaller classes. It cannot see what
    others know besides, nor combinations that were changed a little.

    Source: Sweeney (2002), Int. J. Uncertainty, Fuzziness and Knowledge-Based Systems 10, 557-570
    (k-anonymity); Machanavajjhala, Kifer, Gehrke and Venkitasubramaniam (2007), ACM TKDD 1(1):3
    (l-diversity); Li, Li and Venkatasubramanian (2007), ICDE, 106-115 (t-closeness); Newcombe
    (1998), Statistics in Medicine 17, 873-890 (the interval); Good (1953), Biometrika 40, 237-264.
    """
    known = quasi_identifiers(case)
    if not known:
        raise Skip(
            "No quasi-identifiers are declared: what others may know about a person.",
            _advice(case),
            assessable=False,
        )
    holdout = None if case.holdout is None else fresh_holdout(case)
    parts = (case.real, case.synthetic) if holdout is None else (case.real, case.synthetic, holdout)
    classes = [_classes(case, part, known) for part in parts]
    found = reidentify(*_held(classes))
    measures = [_whole(found, known)]
    for secret in secret_columns(case)[:_MAX_SECRETS]:
        measures += _of_secret(case, classes, found, secret)
    real, synthetic = classes[:2]
    measures += [_small(real, synthetic, size) for size in _SMALL]
    summary = {
        "smallest_class": float(synthetic.sizes.min()),
        "smallest_class_real": float(real.sizes.min()),
        "excess": measures[0].value,
    }
    return Outcome(tuple(measures), summary, (_chart(real, synthetic),))


def _advice(case: Case) -> str:
    names = likely_identifiers(case.columns)
    told = f" Columns that look like it: {', '.join(names)}." if names else ""
    return f"Name them with --quasi (once for each), or under “Advanced: privacy” of a new audit.{told}"


def _classes(case: Case, part: CaseTable, known: Sequence[Column]) -> _Classes:
    keys = _hashed(case, part, known)
    _, place, sizes = np.unique(keys, return_inverse=True, return_counts=True)
    return _Classes(part, keys, place, sizes)


def _hashed(case: Case, part: CaseTable, columns: Sequence[Column]) -> Hashes:
    cells = ", ".join(case.key(column.name) for column in columns)
    found = nw.to_native(part.frame).project(f"hash({cells}) AS class").to_arrow_table()
    return np.asarray(found.column(0).to_numpy(), dtype=np.uint64)


def _held(
    classes: Sequence[_Classes], keys: Sequence[Hashes] | None = None
) -> tuple[ValueHolders, ValueHolders, ValueHolders | None]:
    held = [ValueHolders(np.arange(len(one)), one, len(one)) for one in keys or [one.keys for one in classes]]
    return held[0], held[1], held[2] if len(held) > 2 else None


def _whole(found: Reidentified, known: Sequence[Column]) -> Measure:
    places = np.flatnonzero(found.synthetic) + 1
    beyond = reidentification_excess(found)
    names = ", ".join(column.name for column in known[:_MAX_NAMED])
    names += f" and {len(known) - _MAX_NAMED} more" if len(known) > _MAX_NAMED else ""
    return Measure(
        value=beyond.value,
        low=beyond.low,
        high=beyond.high,
        baseline=0.0,
        n=len(found.synthetic),
        sentence=f"{found.inside.sum():,} of {len(found.inside):,} people in the real table are alone with their {names}, and "
        f"stand in the synthetic table; {beyond.control}.",
        rows=Rows(len(places), tuple(int(p) for p in places[:_EXAMPLES])) if len(places) else None,
        p_value=beyond.p_value,
    )


def _of_secret(
    case: Case, classes: Sequence[_Classes], found: Reidentified, secret: Column
) -> Iterator[Measure]:
    """Who is met with the right secret, and how much classes give away by themselves."""
    values = [_secret_keys(case, one.part, secret) for one in classes]
    both = [one.keys ^ (value * np.uint64(_MIXER)) for one, value in zip(classes, values, strict=True)]
    place, times = count_values(both)
    right = [(times[1] > 0)[where] for where in place]
    if found.outside is not None:
        yield _right(secret, found.inside & right[0], found.outside & right[2], len(found.synthetic))
    real, synthetic = (
        diversity(one.place, value) for one, value in zip(classes[:2], values[:2], strict=True)
    )
    yield _one_secret(secret, real, synthetic, classes[1])
    yield _shown(
        "secret_distance",
        (synthetic.farthest, real.farthest),
        classes[1],
        f"In the synthetic class that differs most, {synthetic.farthest:.0%} of {secret.name} is not as among all rows "
        f"(real: {real.farthest:.0%}); over all rows {synthetic.mean_distance:.0%} (real: {real.mean_distance:.0%}).",
        (secret.name,),
    )


def _secret_keys(case: Case, part: CaseTable, secret: Column) -> Hashes:
    """A number for each row's secret, the same in all tables; numbers in classes."""
    if secret.kind in NUMERIC_KINDS:
        return part.codes[:, case.code_index(secret.name)].astype(np.uint64) + np.uint64(1)
    return _hashed(case, part, [secret])


def _right(secret: Column, inside: Bools, outside: Bools, rows: int) -> Measure:
    beyond = reidentification_excess(Reidentified(inside, outside, inside))
    return Measure(
        value=beyond.value,
        about=(secret.name,),
        name="right_secret",
        low=beyond.low,
        high=beyond.high,
        baseline=0.0,
        n=rows,
        sentence=f"{inside.sum():,} of {len(inside):,} people in the real table are alone with their combination and stand in the "
        f"synthetic table with their own value of {secret.name}; {beyond.control}.",
    )


def _one_secret(secret: Column, real: Diversity, synthetic: Diversity, classes: _Classes) -> Measure:
    return _shown(
        "one_secret",
        (synthetic.one_secret, real.one_secret),
        classes,
        f"{synthetic.one_secret:.1%} of synthetic and {real.one_secret:.1%} of real rows are in classes with one value of {secret.name}; "
        f"the poorest class holds {synthetic.fewest:,} (real: {real.fewest:,}), entropy l {synthetic.entropy:.2f} (real: {real.entropy:.2f}).",
        (secret.name,),
    )


def _small(real: _Classes, synthetic: _Classes, size: int) -> Measure:
    both = synthetic.below(size), real.below(size)
    what = "alone in their class" if size == _SMALL[0] else f"in classes of fewer than {size}"
    return _shown(
        f"below_{size}",
        both,
        synthetic,
        f"{both[0]:.1%} of synthetic and {both[1]:.1%} of real rows are {what}; the smallest class has "
        f"{synthetic.sizes.min():,} (real: {real.sizes.min():,}).",
    )


def _shown(
    name: str, both: tuple[float, float], synthetic: _Classes, sentence: str, about: tuple[str, ...] = ()
) -> Measure:
    """A number of the synthetic classes beside that of the real ones, never judged."""
    value, baseline = both
    return Measure(
        value=value,
        about=about,
        name=name,
        low=value,
        high=value,
        baseline=baseline,
        n=len(synthetic.place),
        sentence=sentence,
        descriptive=True,
    )


def _chart(real: _Classes, synthetic: _Classes) -> Chart:
    shares = {}
    for role, one in (("real", real), ("synthetic", synthetic)):
        ends = [0.0, *(one.below(size) for size in _SMALL), 1.0]
        shares[role] = np.diff(ends)
    alone = f"{shares['synthetic'][0]:.0%} of synthetic and {shares['real'][0]:.0%} of real rows share their combination with none"
    return share_bars(
        _SIZES,
        shares,
        title=alone,
        alt=f"Share of rows by how many rows of the same table hold the same quasi-identifiers. {alone}.",
    )
