"""Links that are mailed and used once: invitations, password resets, address confirmations."""

from datetime import timedelta

from django.conf import settings

from accounts.crypto import keyed_hash, new_link_token
from accounts.models import Employee, MailedLink
from cxadmin import clock

Kind = MailedLink.Kind


def lifetime(kind: str) -> timedelta:
    """How long a link of this kind opens."""
    return {
        Kind.INVITATION.value: settings.INVITATION_TTL,
        Kind.PASSWORD_RESET.value: settings.RESET_TTL,
        Kind.EMAIL_CONFIRMATION.value: settings.EMAIL_CONFIRM_TTL,
    }[kind]


def make(employee: Employee, kind: Kind) -> tuple[MailedLink, str]:
    """A new link, which kills the one of the same kind before it; answers the record and the secret for the mail."""
    clock.enter(employee.business_unit_id)  # "Forgot your password?" has no tenant before it
    revoke(employee, kind)
    token, now = new_link_token(), clock.now()
    link = MailedLink.objects.create(
        employee=employee, kind=kind, token_hash=keyed_hash(token), created_at=now, expires_at=now + lifetime(kind)
    )
    return link, token


def revoke(employee: Employee, kind: Kind) -> None:
    """Make the live link of this kind, if there is one, open no longer."""
    MailedLink.objects.filter(employee=employee, kind=kind, used_at__isnull=True, revoked_at__isnull=True).update(
        revoked_at=clock.now()
    )


def find(kind: Kind, token: str) -> MailedLink | None:
    """The link behind a secret if it still opens, with its employee."""
    link = (
        MailedLink.objects.select_related(
            "employee__business_unit", "employee__login_authenticator", "employee__primary_role"
        )
        .filter(kind=kind, token_hash=keyed_hash(token))
        .first()
    )
    if link is None:
        return None
    clock.enter(link.employee.business_unit_id)
    return link if link.is_valid(clock.now()) else None


def use(link: MailedLink) -> bool:
    """Spend a link; of two requests with the same one, only the first gets True."""
    spent = MailedLink.objects.filter(pk=link.pk, used_at__isnull=True, revoked_at__isnull=True).update(
        used_at=clock.now()
    )
    return bool(spent)
