"""Records to plain JSON values and back, by the types that the nouns declare."""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Hashable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from numbers import Integral, Real
from typing import Any, TypeVar, cast

from audit.errors import StoreError

AGAIN = "Run the audit again, or choose a report.json that this program wrote."

NUMBERS = (tuple[float, ...], Mapping[str, float])  # every one of them must be finite

T = TypeVar("T")


@cache
def _types(record: Any) -> dict[str, Any]:
    return typing.get_type_hints(record)


def _may_be_none(kind: Any) -> bool:
    return kind is Any or type(None) in typing.get_args(kind)


def encode(value: Any) -> Any:
    """Plain JSON values of a record, mapping, sequence or scalar.

    A float without a finite value becomes None. Raises ValueError where the record does
    not allow None there: a number that a reader relies on must exist.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [encode(item) for item in value]
    return _encode_record(value)


def _encode_record(record: Any) -> dict[str, Any]:
    plain = {field.name: encode(getattr(record, field.name)) for field in dataclasses.fields(record)}
    hints = _types(cast("Hashable", type(record)))
    for name, value in plain.items():
        missing = value is None and not _may_be_none(hints[name])
        if missing or (hints[name] in NUMBERS and None in _values(value)):
            about = getattr(record, "about", getattr(record, "name", ""))
            raise ValueError(f"{type(record).__name__}.{name} of {about!r} is not a finite number.")
    return plain


def _values(items: Any) -> Any:
    return items.values() if isinstance(items, dict) else items


def decode(kind: Any, value: Any, where: str) -> Any:
    """The record, mapping, tuple or scalar of type `kind` that plain values stand for.

    where : the place in the document, for messages
    Raises StoreError where the values do not fit; keys that the record lacks are ignored.
    """
    if kind is Any:
        return value
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        inner = next(part for part in parts if part is not type(None))
        return None if value is None else decode(inner, value, where)
    if origin is tuple:
        items = _expect(value, list, "a list", where)
        return tuple(decode(parts[0], item, f"{where}[{at}]") for at, item in enumerate(items))
    if origin is not None:
        items = _expect(value, dict, "an object", where)
        return {decode(parts[0], k, where): decode(parts[1], v, f"{where}.{k}") for k, v in items.items()}
    return _decode_plain(kind, value, where)


def _decode_plain(kind: Any, value: Any, where: str) -> Any:
    if kind is float:
        number = _expect(value, (int, float), "a number", where)
        if isinstance(number, bool) or not math.isfinite(number):
            raise _misfit(value, "a finite number", where)
        return float(number)
    if kind is int:
        if isinstance(value, bool):
            raise _misfit(value, "a whole number", where)
        return _expect(value, int, "a whole number", where)
    if kind is bool:
        return _expect(value, bool, "true or false", where)
    if issubclass(kind, StrEnum):
        try:
            return kind(value)
        except ValueError:
            raise _misfit(value, "one of " + ", ".join(kind), where) from None
    if kind is str:
        return _expect(value, str, "text", where)
    return decode_record(kind, value, where)


def decode_record(kind: type[T], value: Any, where: str, **given: Any) -> T:
    """A record of type `kind`; fields in `given` are taken as they are."""
    plain = _expect(value, dict, "an object", where)
    fields = dict(given)
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        if field.name in given:
            continue
        if field.name in plain:
            fields[field.name] = decode(
                _types(cast("Hashable", kind))[field.name], plain[field.name], f"{where}.{field.name}"
            )
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise StoreError(f"The report lacks {field.name!r} at {where}.", AGAIN)
    return kind(**fields)


def _expect(value: Any, kind: type | tuple[type, ...], words: str, where: str) -> Any:
    if not isinstance(value, kind):
        raise _misfit(value, words, where)
    return value


def _misfit(value: Any, words: str, where: str) -> StoreError:
    return StoreError(f"The report holds {str(value)[:40]!r} at {where}, which should be {words}.", AGAIN)
