"""What tokens rest on: begun by a sign-in or an access key, prolonged by every refresh, ended by what the rules name."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from accounts import audit
from accounts.models import AccessKey, ActivityEvent, Application, AuthorizationCode, Employee, OAuthSession
from cxadmin import clock

Origin = OAuthSession.Origin


def begin(
    employee: Employee,
    *,
    application: Application | None = None,
    access_key_id: uuid.UUID | None = None,
    scope: str = "openid",
    address: str = "",
) -> OAuthSession:
    """A new session, in the activity log too; call it in the transaction that spends the code or has checked the key."""
    now = clock.now()
    # What is over cannot come back; it goes with the next sign-in. Of this tenant: others have their own time.
    over = {"employee__business_unit_id": employee.business_unit_id, "expires_at__lt": clock.ago(days=1)}
    OAuthSession.objects.filter(**over).delete()
    AuthorizationCode.objects.filter(**over).delete()
    session = OAuthSession.objects.create(
        employee=employee,
        origin=Origin.ACCESS_KEY if access_key_id else Origin.APP,
        application=application,
        access_key_id=access_key_id,
        scope=scope,
        started_at=now,
        expires_at=_end(),
    )
    used = application.name if application is not None else "access key"
    audit.activity(
        employee.business_unit_id,
        by=employee.full_name,
        entity="Token",
        instance=employee.username,
        activity=f"Token granted: {used}"[:200],
        result=ActivityEvent.Result.SUCCESS,
        address=address,
    )
    _note_use(session)
    return session


def prolong(session: OAuthSession) -> None:
    """What a refresh does: the session lasts as long as the refresh token that is given out now."""
    OAuthSession.objects.filter(pk=session.pk).update(expires_at=_end())
    _note_use(session)


def _end() -> datetime:
    end: datetime = clock.now() + max(settings.ACCESS_TOKEN_TTL, settings.REFRESH_TOKEN_TTL)
    return end


def _note_use(session: OAuthSession) -> None:
    now = clock.now()
    if session.application_id:
        Application.objects.filter(pk=session.application_id).update(last_used_at=now)
    if session.access_key_id:
        AccessKey.objects.filter(pk=session.access_key_id).update(last_used_at=now)


def end(session_id: uuid.UUID) -> None:
    """End one session: its code was presented twice, or its employee logged out."""
    _revoke(OAuthSession.objects.filter(pk=session_id))


def end_of_application(application: Application) -> None:
    """Call it inside the transaction that disables, schedules or rejects the application, or replaces its secret (R-APP-8)."""
    _revoke(OAuthSession.objects.filter(application=application))


def end_of_access_key(key: AccessKey) -> None:
    """Call it inside the transaction that switches the key off (R-KEY-7); deleting it takes its sessions along."""
    _revoke(OAuthSession.objects.filter(access_key=key))


def end_of_sign_in(employee: Employee) -> None:
    """End what the employee signed in for, as a password reset does; access keys need no password, theirs go on."""
    _revoke(OAuthSession.objects.filter(employee=employee, origin=Origin.APP))


def _revoke(sessions: QuerySet[OAuthSession]) -> None:
    sessions.filter(revoked_at__isnull=True).update(revoked_at=clock.now())
