"""The three tokens of an answer and what they say (spec §8.1, apis.md §2.5)."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from accounts import credentials, signing
from accounts.ids import as_uuid
from accounts.models import Employee, OAuthSession, Role, SecondaryRole
from cxadmin import clock

SUBJECT = "user:"


@dataclass(frozen=True, slots=True)
class TokenSet:
    """What the token endpoints give out."""

    access_token: str
    refresh_token: str
    id_token: str

    def answer(self) -> dict[str, object]:
        """The body of a token answer, member by member as the original orders them."""
        return {
            "access_token": self.access_token,
            "token_type": "Bearer",
            "expires_in": seconds(settings.ACCESS_TOKEN_TTL),
            "refresh_token": self.refresh_token,
            "id_token": self.id_token,
        }


def issue(session: OAuthSession, *, nonce: str = "", signed_in_at: datetime | None = None) -> TokenSet:
    """Sign the tokens of a session.

    Args:
        session: with its employee, business unit and primary role.
        nonce, signed_in_at: of the authorization request, for the id token.
    """
    now = int(clock.now().timestamp())
    audience = str(session.application_id or session.access_key_id)
    times = {"iat": now, "exp": now + seconds(settings.ACCESS_TOKEN_TTL)}
    person = person_claims(session.employee)
    common = {"iss": settings.PUBLIC_URL, "aud": audience, **person, **times}
    extra: dict[str, object] = {"nonce": nonce} if nonce else {}
    if signed_in_at is not None:
        extra["auth_time"] = int(signed_in_at.timestamp())
    refresh = {
        "aud": audience,
        "iss": settings.PUBLIC_URL,
        "id": str(session.employee_id),
        "sessionId": str(session.pk),
        "iat": now,
        "exp": now + seconds(settings.REFRESH_TOKEN_TTL),
    }
    return TokenSet(
        access_token=signing.sign(
            {"role": _role_claim(session.employee), **common, "scope": session.scope, "sessionId": str(session.pk)}
        ),
        refresh_token=signing.sign(refresh),
        id_token=signing.sign({**common, "userId": str(session.employee_id), **extra}, with_kid=True),
    )


def seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())


def person_claims(employee: Employee) -> dict[str, object]:
    """Who the token is about; `name` is the user name, and numbers of people and teams are texts, as in the original."""
    unit = employee.business_unit
    return {
        "sub": f"{SUBJECT}{employee.pk}",
        "given_name": employee.first_name,
        "family_name": employee.last_name,
        "name": employee.username,
        "icBUId": unit.number,
        "icClusterId": unit.cluster,
        "icAgentId": str(employee.agent_id),
        "icDomain": urlsplit(settings.PUBLIC_URL).netloc,
        "teamId": str(employee.team_id),
        "area": unit.area,
        "tenantId": str(unit.pk),
        "tenant": unit.tenant_name,
    }


def _role_claim(employee: Employee) -> dict[str, Any]:
    secondary = Role.objects.filter(pk__in=SecondaryRole.objects.filter(employee=employee).values("role_id"))
    return {
        "legacyId": legacy_name(employee.primary_role),
        **_role(employee.primary_role),
        "secondaryRoles": [_role(role) for role in secondary.order_by("name_key")],
    }


def legacy_name(role: Role) -> str:
    """The name of a role in the older APIs."""
    return role.ootb_code.capitalize() if role.ootb_code else role.name


def _role(role: Role) -> dict[str, object]:
    return {"id": str(role.pk), "lastUpdateTime": int(role.modified_at.timestamp() * 1000)}


def session_of_refresh_token(token: str) -> OAuthSession | str:
    """The session behind a refresh token, with its employee and application, or why it is not good any more."""
    claims = signing.verify(token)
    if claims is None or "sub" in claims or (session_id := as_uuid(claims.get("sessionId"))) is None:
        return "The refresh token is not valid."
    session = load(session_id)
    if session is None:
        return "The session of this token has ended."
    clock.enter(session.employee.business_unit_id)
    if signing.has_expired(claims):
        return "The refresh token has expired."
    application, key, employee = session.application, session.access_key, session.employee
    if session.application is not None and not session.application.is_enabled:
        return session  # the client's own trouble, said by its authentication
    trouble = credentials.trouble_of_session(
        session.started_at,
        session.revoked_at,
        employee.deactivated_at,
        application.status if application else None,
        application.name if application else None,
        key.is_active if key else None,
    )
    return (
        trouble or credentials.trouble_of_employee(employee.username, employee.status, employee.lock_reason) or session
    )


def load(session_id: uuid.UUID) -> OAuthSession | None:
    """A session with everything its tokens speak of."""
    found = OAuthSession.objects.select_related(
        "application", "access_key", "employee__business_unit", "employee__primary_role"
    )
    return found.filter(pk=session_id).first()
