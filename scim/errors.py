"""SCIM errors (RFC 7644 §3.12, spec §9.4): the library's exceptions with a string status and a scimType, and the
translation of what the rules of `accounts` refuse."""

from typing import Any

from django_scim import constants
from django_scim.exceptions import SCIMException

from accounts import errors, permissions
from scim.attributes import GROUPS, USERS

# What a client calls the field a rule complains about.
NAMES = {
    leaf.column: attribute.name if leaf is attribute else f"{attribute.name}.{leaf.name}"
    for table in (USERS, GROUPS)
    for _, attribute in table
    for leaf in (attribute, *attribute.subs)
    if leaf.column and leaf.type == "string"
} | {"email": "emails.value", "mobile_number": "phoneNumbers.value"}


class ScimError(SCIMException):
    """Any SCIM error; raise the narrowest subclass."""

    def __init__(self, detail: str, *, status: int | None = None, scim_type: str | None = None) -> None:
        super().__init__(detail, status=status, scim_type=scim_type)

    def to_dict(self) -> dict[str, Any]:
        """The Error document; `status` is a string (RFC 7644 §3.12)."""
        document: dict[str, Any] = {"schemas": [constants.SchemaURI.ERROR], "status": str(self.status)}
        if self.scim_type:
            document["scimType"] = self.scim_type
        return {**document, "detail": self.detail}


class BadSyntax(ScimError):
    """The body is not the JSON that the operation needs."""

    status = 400
    scim_type = "invalidSyntax"


class BadValue(ScimError):
    """A required value is missing, or a value cannot be stored."""

    status = 400
    scim_type = "invalidValue"


class BadFilter(ScimError):
    """The filter cannot be read, or names something that cannot be filtered."""

    status = 400
    scim_type = "invalidFilter"


class BadCursor(ScimError):
    """The cursor is not from an answer to the same query (RFC 9865 §2)."""

    status = 400
    scim_type = "invalidCursor"


class BadPath(ScimError):
    """The PATCH path cannot be read, or names no attribute."""

    status = 400
    scim_type = "invalidPath"


class NoTarget(ScimError):
    """The PATCH path selects nothing."""

    status = 400
    scim_type = "noTarget"


class NotMutable(ScimError):
    """The attribute cannot be changed or removed."""

    status = 400
    scim_type = "mutability"


class Unauthorized(ScimError):
    """The credential is missing, wrong, or not for this address."""

    status = 401


class NotAllowed(ScimError):
    """The credential is good, the right is missing, or a rule forbids the act."""

    status = 403


class NotFound(ScimError):
    """There is no such resource for this client."""

    status = 404


class MethodNotAllowed(ScimError):
    """The address exists, the method does not."""

    status = 405


class Taken(ScimError):
    """A unique value is in use."""

    status = 409
    scim_type = "uniqueness"


class PreconditionFailed(ScimError):
    """The resource is not in the state the client knows (If-Match)."""

    status = 412


class TooLarge(ScimError):
    """The body is larger than the limit."""

    status = 413


class TooManyRequests(ScimError):
    """The limit of the credential or the tenant is reached; `wait` is in how many seconds it is not any more."""

    status = 429

    def __init__(self, wait: int) -> None:
        super().__init__(f"Too many requests. Go on in {wait} s.")
        self.wait = wait


def from_rule(error: errors.RuleError) -> ScimError:
    """A refusal of the rules as a SCIM error; a sentence about a value starts with the attribute it came in."""
    if isinstance(error, errors.Invalid):
        detail = " ".join(
            f"{NAMES[problem.field]}: {problem.message}" if problem.field in NAMES else problem.message
            for problem in error.problems
        )
        return Taken(detail) if error.is_taken else BadValue(detail)
    if isinstance(error, errors.ChangedMeanwhile):
        return PreconditionFailed(error.message)
    return NotAllowed(error.message)


def missing_right(username: str, code: str) -> ScimError:
    """R-ACC-4."""
    return NotAllowed(f"The account {username} needs the permission {permissions.spoken(code)}.")
