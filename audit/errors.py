"""Everything this package raises on purpose.

AuditError            what all of them are
├── InputError        a file, table or column cannot be used
│   └── LimitError    it is larger than a stated limit
├── OptionError       an option or command line cannot be used
├── SchemaError       a schema file or override does not fit the tables
├── PolicyError       a policy cannot be used
├── RuleError         a rule cannot be used
└── StoreError        a stored run or report cannot be used

A message says what is wrong with the name and the value; the hint is one next step.
"""

from __future__ import annotations


class AuditError(ValueError):
    """Something the user can put right; never a defect of this program.

    Parameters
    ----------
    message : what is wrong, with the name and the value, and what would be right
    hint : one next step
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InputError(AuditError):
    """A file, table or column that cannot be audited."""

    def __init__(self, message: str, hint: str = "", *, where: str = "") -> None:
        super().__init__(message, hint)
        self.where = where


class LimitError(InputError):
    """A file that is larger than a stated limit."""


class OptionError(AuditError):
    """An option that cannot be used."""


class SchemaError(AuditError):
    """A schema file or override that does not fit the tables."""


class PolicyError(AuditError):
    """A policy that cannot be used."""


class RuleError(AuditError):
    """A rule, or a file of rules, that cannot be used."""


class StoreError(AuditError):
    """A stored run or report that cannot be used."""
