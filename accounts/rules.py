"""What a single value must look like (screens §1.4): pure checks, shared by every door.

Each check returns the problems it found, so that a form can show all of them at once.
"""

import functools
import re
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import Problem

# The vendor's own pattern for addresses and usernames (apis.md, appendix A.1), host part spelled out.
MAIL = re.compile(
    r"[a-zA-Z0-9.!#$%&'*/=?^_`{|}~+-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*"
)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
ROLE_NAME_FORBIDDEN = frozenset('/\\+!?<>#&,%"')
MARKUP = re.compile(r"<[a-zA-Z/!]|https?://|www\.", re.IGNORECASE)
BASE32 = re.compile(r"[A-Z2-7]+")
MOBILE = re.compile(r"[0-9 +().-]*")
HOST_NAME = re.compile(
    r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+", re.IGNORECASE
)
ORIGIN = re.compile(r"https?://[^/?#@]+", re.IGNORECASE)
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})

Label = str | Promise
Check = Callable[[str, Label, Any], Iterable[Problem]]


@dataclass(frozen=True, slots=True)
class Text:
    """The rule of one text field: its label in messages, its greatest length, and what else must hold."""

    label: Label
    limit: int
    required: bool = False
    more: Check | None = None

    def problems(self, field: str, value: object) -> list[Problem]:
        if not isinstance(value, str):
            return [Problem(field, "V-TYPE", _("%(label)s must be text.") % {"label": self.label})]
        if not value.strip():
            return [required(field, self.label)] if self.required else []
        found = []
        if len(value) > self.limit:
            message = _("%(label)s can have at most %(limit)d characters.") % {"label": self.label, "limit": self.limit}
            found.append(Problem(field, "V-LEN", message))
        if CONTROL.search(value):
            message = _("%(label)s must not contain control characters.") % {"label": self.label}
            found.append(Problem(field, "V-CONTROL", message))
        elif self.more:
            found += self.more(field, self.label, value)
        return found


def check(specs: Mapping[str, Text], values: Mapping[str, Any]) -> list[Problem]:
    """The problems of all the text fields among `values`."""
    return [
        problem for field, value in values.items() if field in specs for problem in specs[field].problems(field, value)
    ]


def required(field: str, label: Label) -> Problem:
    """V-REQ."""
    return Problem(field, "V-REQ", _("%(label)s is required.") % {"label": label})


def mail_address(field: str, label: Label, value: str) -> Iterable[Problem]:
    """V-MAIL."""
    if not MAIL.fullmatch(value):
        yield Problem(field, "V-MAIL", _("Enter an address in the form name@example.com."))


def single_line(field: str, label: Label, value: str) -> Iterable[Problem]:
    """No line break: the value becomes a header of a mail or a line of a log."""
    if len(value.splitlines()) > 1:
        yield Problem(field, "V-LINE", _("%(label)s must be one line.") % {"label": label})


def role_name(field: str, label: Label, value: str) -> Iterable[Problem]:
    """V-CHAR (R-ROLE-1)."""
    if not ROLE_NAME_FORBIDDEN.isdisjoint(value):
        yield Problem(field, "V-CHAR", _('Name must not contain any of / \\ + ! ? < > # & , % "'))


def plain_text(field: str, label: Label, value: str) -> Iterable[Problem]:
    """V-PLAIN (R-ROLE-3)."""
    if MARKUP.search(value):
        yield Problem(field, "V-PLAIN", _("Description must be plain text without links or HTML."))


def mobile_number(field: str, label: Label, value: str) -> Iterable[Problem]:
    """Digits, space and + - ( ) . (screens §5.2)."""
    if not MOBILE.fullmatch(value):
        yield Problem(field, "V-MOBILE", _("Mobile Number can contain digits, spaces and + - ( ) . only."))


NO_TIME_ZONE = gettext_lazy("%(value)s is not a time zone. Use an IANA name such as Europe/Berlin.")


def time_zone(field: str, label: Label, value: str) -> Iterable[Problem]:
    """A name of the IANA time zone database."""
    if value not in time_zones():
        yield Problem(field, "V-ZONE", str(NO_TIME_ZONE) % {"value": value[:64]})


@functools.cache
def time_zones() -> frozenset[str]:
    """The names of the IANA time zone database, as it is on this machine."""
    return frozenset(zoneinfo.available_timezones())


def mfa_secret(field: str, value: str) -> list[Problem]:
    """16, 26 or 32 Base32 characters (screens §5.2)."""
    if len(value) in (16, 26, 32) and BASE32.fullmatch(value):
        return []
    return [Problem(field, "V-MFA", _("Enter 16, 26 or 32 characters from A–Z and 2–7."))]


def host_name(field: str, label: Label, value: str) -> Iterable[Problem]:
    """A fully qualified host name (screens §12.3)."""
    if not HOST_NAME.fullmatch(value):
        yield Problem(field, "V-HOST", _("Enter a host name such as login.example.com."))


def url(field: str, label: Label, value: str) -> Iterable[Problem]:
    """V-URL: absolute and https, or http for the machine itself."""
    try:
        parts = urlsplit(value)
        loopback = (parts.hostname or "") in LOOPBACK_HOSTS
        # Raises for a port that is none; white space would be dropped by the parser, and the address be another one.
        usable = bool(parts.hostname) and parts.port != 0 and not any(letter.isspace() for letter in value)
    except ValueError:
        parts, loopback, usable = urlsplit(""), False, False
    if not usable or not (parts.scheme == "https" or (parts.scheme == "http" and loopback)):
        yield Problem(field, "V-URL", _("Enter an absolute https address (http is allowed for localhost)."))


def redirect_url(field: str, label: Label, value: str) -> Iterable[Problem]:
    """V-URL, and what makes an address useless for a comparison letter by letter (R-APP-6): a placeholder, white space,
    a fragment (RFC 6749 §3.1.2)."""
    if "${appName}" in value:
        yield Problem(field, "V-PLACEHOLDER", _("Replace ${appName} with the name of your application."))
    elif "#" in value:
        yield Problem(field, "V-FRAGMENT", _("%(label)s must not contain a #.") % {"label": label})
    else:
        yield from url(field, label, value)


def origin(field: str, label: Label, value: str) -> Iterable[Problem]:
    """V-URL, and nothing after the host: what a browser sends in its Origin header (RFC 6454 §7)."""
    found = list(url(field, label, value))
    if not found and not ORIGIN.fullmatch(value):
        message = _("Enter an origin without a path, such as https://app.example.com.")
        found.append(Problem(field, "V-ORIGIN", message))
    yield from found


def number_in(field: str, label: Label, value: object, low: int, high: int) -> list[Problem]:
    """V-RANGE: a whole number between two others."""
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return []
    return [
        Problem(
            field,
            "V-RANGE",
            _("%(label)s must be between %(low)d and %(high)d.") % {"label": label, "low": low, "high": high},
        )
    ]


def in_use(field: str, label: Label) -> Problem:
    """V-UNIQ: somebody else has this value."""
    return Problem(field, "V-UNIQ", _("%(label)s is already in use.") % {"label": label})


def inactive_choice(field: str, thing: Label) -> Problem:
    """V-CHOICE: what was chosen is not active, or not of this tenant."""
    return Problem(field, "V-CHOICE", _("Choose an active %(thing)s.") % {"thing": thing})
