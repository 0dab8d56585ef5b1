"""Whose request it is as far as its credential tells, good or not: for what the lab decides before a door has looked.

The doors find out for themselves, in one statement; this is asked for only where a fault rule is about one tenant or
credential.
"""

import base64
import binascii
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db.models import QuerySet

from accounts import signing
from accounts.crypto import keyed_hash
from accounts.ids import as_uuid
from accounts.models import AccessKey, Application, OAuthSession, ScimToken
from cxadmin.lab.diagnosis import document_of
from cxadmin.lab.journal_entries import NOBODY, Who

PERSON = ("employee__business_unit_id", "employee_id", "employee__username")


def caller(request: Any) -> Who:
    """Whom a request names: by its Authorization header, else by what an OAuth request says of itself."""
    scheme, _, content = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
    if scheme.lower() == "basic":
        found = _by_basic(content.strip())
    else:
        found = _by_token(content.strip() if scheme.lower() == "bearer" else scheme)
    if found is NOBODY and not request.path_info.startswith("/scim"):
        return _by_parameters(_parameters(request))
    return found


def _first(rows: QuerySet[Any], label: str, *more: str) -> Who:
    row = rows.values_list(*PERSON, *more).first()
    return Who(row[0], row[1], row[2], label % row[3:]) if row is not None else NOBODY


def _by_token(token: str) -> Who:
    if token.startswith("cxs_"):
        return _first(ScimToken.objects.filter(token_hash=keyed_hash(token)), "SCIM token …%s", "last4")
    claims = signing.verify(token)
    session_id = as_uuid(claims.get("sessionId")) if claims else None
    return _of_session(session_id) if session_id is not None else NOBODY


def _of_session(session_id: Any) -> Who:
    sessions = OAuthSession.objects.filter(pk=session_id)
    if sessions.filter(origin=OAuthSession.Origin.APP).exists():
        return _first(sessions, "application %s", "application__name")
    return _first(sessions, "access key %s", "access_key__access_key_id")


def _by_basic(content: str) -> Who:
    with suppress(binascii.Error, UnicodeDecodeError):
        return _by_name(base64.b64decode(content, validate=True).decode().partition(":")[0])
    return NOBODY


def _by_name(name: str) -> Who:
    """By an Access Key ID or a client ID."""
    if not name or "\x00" in name:
        return NOBODY
    found = _first(AccessKey.objects.filter(access_key_id=name), "access key %s", "access_key_id")
    if found is not NOBODY or (application_id := as_uuid(name)) is None:
        return found
    row = Application.objects.filter(pk=application_id).values_list("business_unit_id", "name").first()
    return Who(row[0], None, "", f"application {row[1]}") if row is not None else NOBODY


def _parameters(request: Any) -> dict[str, Any]:
    """What an OAuth request says: query, and body as form or JSON."""
    found: dict[str, Any] = request.GET.dict()
    with suppress(OSError, BadRequest, SuspiciousOperation, UnicodeDecodeError, ValueError):
        text = request.body.decode()
        document = document_of(text)
        if isinstance(document, dict):
            return found | document
        found |= {name: values[0] for name, values in parse_qs(text, max_num_fields=100).items()}
    return found


def _by_parameters(parameters: dict[str, Any]) -> Who:
    given = {name: value for name, value in parameters.items() if isinstance(value, str)}
    for name in ("username", "accessKeyId", "client_id"):
        if (found := _by_name(given.get(name, ""))) is not NOBODY:
            return found
    for name in ("refresh_token", "token"):
        if (found := _by_token(given.get(name, ""))) is not NOBODY:
            return found
    return NOBODY
