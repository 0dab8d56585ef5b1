"""What rules say when they refuse. Each door turns these into its own dialect: form messages, SCIM errors, REST bodies."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.utils.functional import Promise
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one field; `code` is the message code of screens §1.4 or a rule id."""

    field: str
    code: str
    message: str


class RuleError(Exception):
    """A documented rule refuses the request; nothing was written."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class Invalid(RuleError):
    """Values that cannot be stored, each problem with its field."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(problem.message for problem in self.problems), self.problems[0].code)

    @property
    def is_taken(self) -> bool:
        """Whether the only trouble is a value somebody else has."""
        return all(problem.code == "V-UNIQ" for problem in self.problems)


class Refused(RuleError):
    """A rule forbids the act in the present state; `code` is the rule id."""


class ChangedMeanwhile(RuleError):
    """Somebody else saved the record since it was read."""

    def __init__(self, by: str) -> None:
        super().__init__(_("This record was changed by %(name)s. Reload to continue.") % {"name": by}, "CHANGED")


class Forbidden(PermissionDenied):
    """The actor lacks a permission; `code` is the toggle's (accounts.permissions), `name` says it of what is no toggle."""

    def __init__(self, code: str, name: str | Promise = "") -> None:
        super().__init__(code)
        self.code = code
        self.name = name
