"""A recorded request sent again, against the present state and through every layer that a client's request passes.

The journal keeps no secrets, so whoever replays says with whose rights: those of a credential the tenant has, for which a
secret is lent while the request runs, or those of a secret that is handed over. Nothing is sent unless the request can be sent
as it was.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import credentials
from accounts.credentials import Holder
from accounts.errors import Refused
from accounts.ids import as_uuid, new_id
from accounts.models import AccessKey, BusinessUnit, OAuthSession, ScimToken
from accounts.oauth import tokens
from cxadmin import clock
from cxadmin.lab import clocks, exports, inside, journal_entries
from cxadmin.lab import journal as journals
from cxadmin.lab.masking import MASK
from cxadmin.lab.models import REPLAY_OF, Exchange
from cxadmin.middleware import SCIM_PATH, door_of

Credential = ScimToken | AccessKey | OAuthSession
Kind = Literal["token", "key", "session", ""]

REPLAYED_BY = "X-Replayed-By"
NONE, GIVEN = "none", "given"
MOST_CHOICES = 50
READING = frozenset({"GET", "HEAD", "OPTIONS"})
KINDS: dict[str | None, Kind] = {"oauth": "token", "basic-auth": "key", None: "session"}
LONGEST_PATH, LONGEST_QUERY = 2000, 4000  # of more the journal keeps the beginning


@dataclass(frozen=True, slots=True)
class Choice:
    """A credential whose rights a replay can have."""

    key: str
    label: str
    is_recorded: bool
    credential: Credential


@dataclass(frozen=True, slots=True)
class Wanted:
    """How to send a request again.

    Attributes:
        credential: the key of a `Choice`, `none` or `given`.
        secret: the one to use with `given`.
        query, body: instead of the recorded ones, whose secrets are masked.
    """

    credential: str
    secret: str = ""
    query: str | None = None
    body: str | None = None


def trouble(exchange: Exchange) -> str:
    """Why a request cannot be sent again, whatever is chosen; empty if it can."""
    if not settings.JOURNAL_ENTRIES:
        return _("The request journal is off, so there would be no answer to look at.")
    if exchange.door == Exchange.Door.OAUTH and door_of(exchange.path) == "pages":
        return _("This address is a page for people. Open it in a browser.")
    unit_id = exchange.business_unit_id
    if unit_id is not None and not BusinessUnit.objects.filter(pk=unit_id).exists():
        return _("The tenant of this request does not exist any more.")
    if MASK in exchange.path or len(exchange.path) >= LONGEST_PATH or len(exchange.query) >= LONGEST_QUERY:
        return _("The journal did not keep the whole address of this request.")
    if exchange.request_size > journal_entries.BODY_BYTES:
        return _("The journal kept only the first %(kept)d of %(size)d bytes of the body.") % {
            "kept": journal_entries.BODY_BYTES,
            "size": exchange.request_size,
        }
    body = exchange.request_body
    if MASK not in body and len(body.encode()) != exchange.request_size:
        return _("The journal did not keep the body of this request as it was sent.")
    return ""


def is_reading(exchange: Exchange) -> bool:
    """Whether sending it again changes nothing."""
    return exchange.method in READING or exchange.path.endswith("/.search")


def kind_of(exchange: Exchange) -> Kind:
    """The kind of credential that the address of a request takes; empty for none."""
    if found := SCIM_PATH.match(exchange.path):
        return KINDS[found["family"]]
    return "session" if exchange.door == Exchange.Door.REST or exchange.path == "/auth/userinfo" else ""


def choices(exchange: Exchange) -> list[Choice]:
    """The credentials of the tenant that fit the address: those of the recorded employee first, then those used last."""
    unit, kind = exchange.business_unit_id, kind_of(exchange)
    if unit is None or not kind:
        return []
    with clocks.of_tenant(unit):
        records, alive = _records(kind)
    records = records.filter(employee__business_unit_id=unit).order_by(F("last_used_at").desc(nulls_last=True), "-pk")
    own = list(records.filter(employee_id=exchange.employee_id)[:MOST_CHOICES])
    others = list(records.filter(alive).exclude(employee_id=exchange.employee_id)[:MOST_CHOICES])
    found, has_recorded = [], False
    for record in own + others:
        label = label_of(record)
        is_recorded = not has_recorded and record in own and label == exchange.credential and _was_of(exchange, kind)
        has_recorded |= is_recorded
        found.append(Choice(f"{kind}:{record.pk}", f"{label} – {record.employee.username}", is_recorded, record))
    return sorted(found, key=lambda one: not one.is_recorded)


def _records(kind: Kind) -> tuple[QuerySet[Any], Q]:
    """The credentials of a kind, and which of them may still be good."""
    now = clock.now()
    if kind == "token":
        alive = Q(saved_at__isnull=False, deleted_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now))
        return ScimToken.objects.select_related("employee"), alive
    if kind == "key":
        return AccessKey.objects.select_related("employee"), Q(saved_at__isnull=False, is_active=True)
    related = OAuthSession.objects.select_related(
        "application", "access_key", "employee__business_unit", "employee__primary_role"
    )
    return related, Q(revoked_at=None, expires_at__gt=now)


def label_of(record: Credential) -> str:
    """What the journal and the audit trail call a credential."""
    if isinstance(record, ScimToken):
        return f"SCIM token …{record.last4}"
    if isinstance(record, AccessKey):
        return f"access key {record.access_key_id}"
    if record.application is not None:
        return f"application {record.application.name}"
    return f"access key {record.access_key.access_key_id}" if record.access_key else ""


def _was_of(exchange: Exchange, kind: Kind) -> bool:
    """Whether the recorded credential was of the kind that the address takes."""
    header = dict(exchange.request_headers).get("Authorization", "")
    sent: Kind = "key" if header.startswith("Basic") else "token" if "cxs_" in header else "session"
    return bool(header) and sent == kind


def preset(exchange: Exchange, found: list[Choice]) -> str:
    """What is chosen before anybody chooses: what was sent, if that is possible."""
    if "Authorization" not in dict(exchange.request_headers):
        return NONE
    return found[0].key if found and found[0].is_recorded else GIVEN


def send(exchange: Exchange, wanted: Wanted, *, by: str, address: str = "127.0.0.1") -> Exchange:
    """Send a request again and answer how the journal recorded it.

    Args:
        by: who replays, for the new exchange's headers.
        address: where the replay comes from.

    Raises:
        Refused: it cannot be sent again like this; nothing was sent.
    """
    if said := trouble(exchange):
        raise Refused(said)
    query = exchange.query if wanted.query is None else wanted.query
    body = exchange.request_body if wanted.body is None else wanted.body
    if MASK in query or MASK in body:
        raise Refused(_("Put the secrets back where the journal has %(mask)s.") % {"mask": MASK})
    with clocks.of_tenant(exchange.business_unit_id), _authorization(exchange, wanted) as authorization:
        request_id = new_id().hex
        sent = {name: value for name, value in exchange.request_headers if name not in NOT_SENT and MASK not in value}
        sent |= {"X-Request-Id": request_id, REPLAY_OF: str(exchange.pk), REPLAYED_BY: by}
        if authorization:
            sent["Authorization"] = authorization
        # Programs are answered in English, and a page among the answers must not leave its language behind.
        with translation.override(settings.LANGUAGE_CODE):
            inside.call(exchange.method, exchange.path, query, sent, body=body.encode(), address=address)
        journals.recorder.flush()
    found = Exchange.objects.filter(request_id=request_id).order_by("-pk").first()
    if found is None:
        raise Refused(_("The request was sent, but the journal did not keep it."))
    return found


NOT_SENT = exports.LEFT_OUT | {"Authorization", REPLAY_OF, REPLAYED_BY}


@contextmanager
def _authorization(exchange: Exchange, wanted: Wanted) -> Iterator[str]:
    """The header to send; empty for none.

    Raises:
        Refused: the credential is not there, not let in now, or another tenant's.
    """
    if wanted.credential == NONE:
        yield ""
    elif wanted.credential == GIVEN:
        header = header_of(wanted.secret)
        if kind_of(exchange):
            _let_in(exchange, _holder(header))
        yield header
    else:
        record = _record(exchange, wanted.credential)
        if isinstance(record, OAuthSession):
            header = f"Bearer {tokens.issue(record).access_token}"
            _let_in(exchange, _holder(header))
            yield header
            return
        with credentials.lend(record) as secret:
            header = header_of(f"{record.access_key_id}:{secret}" if isinstance(record, AccessKey) else secret)
            _let_in(exchange, _holder(header))
            yield header


def _record(exchange: Exchange, key: str) -> Credential:
    kind, _colon, text = key.partition(":")
    pk = as_uuid(text)
    if kind and kind == kind_of(exchange) and pk is not None and exchange.business_unit_id is not None:
        records, _alive = _records(kind)
        found: Credential | None = records.filter(pk=pk, employee__business_unit_id=exchange.business_unit_id).first()
        if found is not None:
            return found
    raise Refused(_("This credential does not exist any more."))


def header_of(secret: str) -> str:
    """What was handed over as an Authorization header: a whole one stays, `ID:secret` becomes Basic, anything else Bearer.

    Raises:
        Refused: there is nothing, or what no header can hold.
    """
    text = secret.strip()
    if not text or not text.isprintable() or not text.isascii():
        raise Refused(_("Enter the secret of a credential."))
    if re.match(r"(?i)(bearer|basic) +\S", text):
        return text
    return f"Basic {base64.b64encode(text.encode()).decode()}" if ":" in text else f"Bearer {text}"


def _holder(header: str) -> Holder | None:
    scheme, _space, content = header.partition(" ")
    if scheme.lower() == "basic":
        try:
            key_id, _colon, secret = base64.b64decode(content.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return credentials.access_key(key_id, secret) if "\x00" not in key_id else None
    token = content.strip()
    return credentials.scim_token(token) if token.startswith("cxs_") else credentials.access_token(token)


def _let_in(exchange: Exchange, holder: Holder | None) -> None:
    if holder is None:
        raise Refused(_("This instance does not know the credential."))
    if exchange.business_unit_id not in (None, holder.business_unit_id):
        raise Refused(_("The credential belongs to another tenant than the request."))
    if holder.trouble:
        raise Refused(_("The credential is not let in now: %(reason)s") % {"reason": holder.trouble})
