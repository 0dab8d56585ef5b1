"""The connection test: a real SCIM request with a credential somebody enters, through the product's whole request path but
for the network."""

import base64
import time
import uuid
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.ids import new_id
from accounts.models import BusinessUnit
from accounts.oauth import tokens
from cxadmin.lab import clocks, diagnosis, inside, journal
from cxadmin.lab.checklist import facts
from cxadmin.lab.checklist.procedures import BASES
from cxadmin.lab.diagnosis import Diagnosis
from cxadmin.lab.models import Exchange

QUERY = "startIndex=1&count=2"
AGENT = "cxadmin connection test"
LONGEST = 8_000  # characters of a secret


@dataclass(frozen=True, slots=True)
class Trial:
    """How the test went.

    Attributes:
        exchange: the request in the journal; None where the journal is off.
        is_strange: the credential is good for something, but not for the tenant that was looked at.
    """

    request: str
    status: int
    milliseconds: float
    said: str
    found: list[Diagnosis]
    exchange: Exchange | None
    is_strange: bool = False

    @property
    def is_good(self) -> bool:
        return self.status < 300 and not self.is_strange

    @property
    def verdict(self) -> str:
        """The result in a sentence."""
        if self.is_good:
            return pgettext("checklist", "Connected.")
        if self.is_strange:
            return _("This credential is good, but of another tenant.")
        return _("The connection was refused.")


class NothingToTry(Exception):
    """There is no credential to test with; the text says what to enter."""


def header(procedure: str, unit: BusinessUnit, secret: str, key_id: str = "") -> str:
    """The Authorization header of a procedure's credential.

    Args:
        secret: the SCIM token, the key's secret, or an access token; an empty one of the procedure `oauth` stands for a
            fresh token of the latest sign-in to an application, as a refresh would give it.

    Raises:
        NothingToTry: nothing was entered, or nobody is signed in to an application.
    """
    if procedure == "key":
        if not key_id or not secret:
            raise NothingToTry(_("Enter both the access key ID and its secret."))
        return f"Basic {base64.b64encode(f'{key_id}:{secret}'.encode()).decode()}"
    if secret:
        return f"Bearer {secret}"
    if procedure == "token":
        raise NothingToTry(_("Enter the SCIM token: only its hash is kept."))
    session = facts.session(unit)
    loaded = tokens.load(session.pk) if session is not None else None
    if loaded is None:
        raise NothingToTry(_("Nobody is signed in to an application of this tenant now: enter an access token."))
    with clocks.of_tenant(unit.pk):
        return f"Bearer {tokens.issue(loaded).access_token}"


def send(procedure: str, authorization: str, unit_id: uuid.UUID, base: str) -> Trial:
    """Send what identity providers send to test a connection, and explain the answer; `base` is the instance's address."""
    request_id, path = new_id().hex, f"{BASES[procedure]}/Users"
    headers = {
        "Authorization": authorization,
        "Accept": "application/scim+json",
        "User-Agent": AGENT,
        "X-Request-Id": request_id,
    }
    began = time.perf_counter()
    request, response = inside.call("GET", path, QUERY, headers)
    milliseconds = (time.perf_counter() - began) * 1000
    journal.recorder.flush()
    exchange, holder = Exchange.objects.filter(request_id=request_id).first(), getattr(request, "holder", None)
    return Trial(
        f"GET {base}{path}",
        response.status_code,
        milliseconds,
        _said(getattr(response, "content", b"")),
        diagnosis.diagnose(exchange) if exchange is not None and response.status_code >= 400 else [],
        exchange,
        response.status_code < 400 and holder is not None and holder.business_unit_id != unit_id,
    )


def _said(content: bytes) -> str:
    document = diagnosis.document_of(content.decode(errors="replace"))
    return str(document.get("detail", "")) if isinstance(document, dict) else ""
