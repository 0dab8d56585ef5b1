"""Which credential opens which address, and what its holder may do (spec §8.2)."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from django.conf import settings
from django.http import HttpRequest

from accounts import credentials, rate_limits
from accounts.actors import Actor, Channel
from accounts.credentials import Holder, ScimSettings
from accounts.models import AccountSettings
from accounts.statements import About, Row
from scim.errors import TooManyRequests, Unauthorized, missing_right

Family: TypeAlias = Literal["", "oauth", "basic-auth"]

HINTS = {
    "scim_token": "SCIM tokens are accepted under /oauth/scim/v2 only.",
    "basic": "Access keys are accepted as Basic credentials under /basic-auth/scim/v2 only.",
    "access_token": "Access tokens are accepted under /scim/v2 only.",
}
NEEDED = {"GET": "view", "HEAD": "view", "POST": "create", "PUT": "edit", "PATCH": "edit", "DELETE": "edit"}


@dataclass(frozen=True, slots=True)
class Session:
    """One authenticated SCIM request: who acts, under which address, with the tenant's settings.

    Attributes:
        needs_scim: only the SCIM permission counts (row a of R-ACC-1), not the rights on employees.
        known: what was read together with the credential.
    """

    actor: Actor
    settings: ScimSettings
    base_url: str
    needs_scim: bool = False
    known: dict[About, Sequence[Row]] = field(default_factory=dict)

    def row(self, about: About) -> Row | None:
        """The row of a record of this tenant; what was read together with the credential serves once."""
        if (known := self.known.pop(about, None)) is not None:
            return known[0] if known else None
        return about[0].row(self.actor.business_unit_id, *about[1:])

    def may(self, method: str) -> bool:
        """R-ACC-1, R-ACC-2: whether the right for this kind of request is there."""
        return self._missing(method) is None

    def require(self, method: str) -> None:
        """Go on only with the right for this kind of request.

        Raises:
            NotAllowed: names the permission that is missing.
        """
        missing = self._missing(method)
        if missing is not None:
            raise missing_right(self.actor.username, missing)

    def _missing(self, method: str) -> str | None:
        code = f"admin.employees.{NEEDED.get(method, 'edit')}"
        if self.actor.can("admin.scim.on"):
            return None
        if self.needs_scim and self.settings.access_rule != AccountSettings.AccessRule.ANY:
            return "admin.scim.on"
        return None if self.actor.can(code) else code


def base_url(family: Family) -> str:
    """The address of one of the three families, as printed in Location headers."""
    return f"{settings.PUBLIC_URL}/{family}/scim/v2" if family else f"{settings.PUBLIC_URL}/scim/v2"


def challenge(family: Family) -> str:
    """The WWW-Authenticate header of a 401 (R-ACC-8)."""
    return 'Basic realm="cxadmin"' if family == "basic-auth" else "Bearer"


def authenticate(request: HttpRequest, family: Family, about: About | None = None) -> Session:
    """Find out who is calling.

    Args:
        about: the record the request is about, to be read in the same statement.

    Raises:
        Unauthorized: no credential, a wrong or suspended one, or one for another address (R-ACC-3), with the reason.
        TooManyRequests: the instance limits them, and the limit is reached.
    """
    kind, content = _presented(request.META.get("HTTP_AUTHORIZATION", ""))
    if kind == "none":
        raise Unauthorized("A credential is needed.")
    if family == "oauth":
        holder = _by_token(kind, content, about)
    elif family == "basic-auth":
        holder = _by_key(kind, content, about)
    else:
        holder = _by_access_token(kind, content, about)
    request.holder = holder  # type: ignore[attr-defined]  # for the journal: whose request it is, refused or not
    if holder.trouble:
        raise Unauthorized(holder.trouble)
    actor = Actor(
        holder.business_unit_id,
        Channel.SCIM,
        holder.employee_id,
        holder.name,
        holder.username,
        holder.label,
        request.request_id,  # type: ignore[attr-defined]
        holder.permissions,
    )
    if seconds := rate_limits.wait(actor):
        raise TooManyRequests(seconds)
    known = {about: holder.found} if about is not None else {}
    return Session(actor, holder.settings, base_url(family), needs_scim=holder.kind == "sign_in", known=known)


def _presented(header: str) -> tuple[str, str]:
    """What the Authorization header holds: `none`, `basic`, `scim_token` or `access_token`, and its content.

    Okta's field is free text, so the scheme may be missing (T13).
    """
    scheme, _, content = header.strip().partition(" ")
    if scheme.lower() == "basic":
        return "basic", content.strip()
    token = content.strip() if scheme.lower() == "bearer" else header.strip()
    if not token:
        return "none", ""
    return ("scim_token" if token.startswith("cxs_") else "access_token"), token


def _by_token(kind: str, token: str, about: About | None) -> Holder:
    if kind == "basic":
        raise Unauthorized(HINTS["basic"])
    holder = credentials.scim_token(token, about) if kind == "scim_token" else None
    if holder is None:
        hint = f" {HINTS['access_token']}" if kind == "access_token" and token.count(".") == 2 else ""
        raise Unauthorized(f"The SCIM token is unknown.{hint}")
    return holder


def _by_key(kind: str, content: str, about: About | None) -> Holder:
    if kind != "basic":
        raise Unauthorized(HINTS[kind])
    try:
        access_key_id, _, secret = base64.b64decode(content, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Unauthorized("The Basic credential is not base64 of ID:secret.") from error
    holder = credentials.access_key(access_key_id, secret, about) if "\x00" not in access_key_id else None
    if holder is None:
        raise Unauthorized("The Access Key ID or the Secret Access Key is wrong.")
    return holder


def _by_access_token(kind: str, token: str, about: About | None) -> Holder:
    if kind != "access_token":
        raise Unauthorized(HINTS[kind])
    holder = credentials.access_token(token, about)
    if holder is None:
        raise Unauthorized("The access token is not valid.")
    return holder
