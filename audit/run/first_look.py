"""What can be refused at once, before anything slow is loaded: names, the policy, paths, first bytes."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from audit.checks import check_ids
from audit.declare.options import Options
from audit.errors import OptionError
from audit.judge.policy import load_policy
from audit.load import look_at_files
from audit.model import Family


def look_first(options: Options) -> None:
    """Refuse what cannot be audited, within a fraction of a second.

    Raises
    ------
    OptionError : a check or family does not exist, or a series has one table
    PolicyError : the policy cannot be read
    InputError : a file is missing, may not be read, or is no table by its first bytes
    """
    refuse_names(options)
    if options.series:
        refuse_short(options)
    load_policy(options.policy or options.purpose, dict.fromkeys(check_ids()))
    look_at_files(options.sources(), names=options.names)


def refuse_names(options: Options) -> None:
    """Raise OptionError where a check or family is asked for that does not exist."""
    for name in options.checks:
        _refuse_unknown(name, check_ids(), "check")
    for name in options.families:
        _refuse_unknown(name, [family.value for family in Family], "family")


def refuse_short(options: Options) -> None:
    """Raise OptionError where a series has fewer than two tables."""
    if len(options.series) < 2:
        raise OptionError(
            f"{len(options.series)} synthetic tables were given; a series has two or more.",
            "Give several files in their order, or audit one with: python -m audit run.",
        )


def _refuse_unknown(name: str, known: Collection[str], what: str) -> None:
    if name not in known:
        near = difflib.get_close_matches(name, list(known), n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}."
        raise OptionError(f"The {what} {name!r} does not exist.", hint)
